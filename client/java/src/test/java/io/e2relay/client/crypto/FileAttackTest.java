// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.MessageOpening.Message;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Reading;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

/// A service that gives other files than those that were sent, or tells otherwise what they are.
final class FileAttackTest {
  private static final int MEBIBYTE = 1_048_576;
  private static final FileSealing.Place PLACE = new FileSealing.Place(new ConversationId(times(0xc0, 32)),
      new Epoch(7));

  private final SymmetricKey key = SymmetricKey.generate();
  private final ByteArrayOutputStream oneSealed = new ByteArrayOutputStream();
  private final ByteArrayOutputStream otherSealed = new ByteArrayOutputStream();
  private final FileDescriptor one = sealed("one.png", 3 * MEBIBYTE, 1, oneSealed);
  private final FileDescriptor other = sealed("other.png", 3 * MEBIBYTE, 2, otherSealed);

  @Test
  void pieces_in_another_order_are_refused() {
    ByteString file = ByteString.copyFrom(oneSealed.toByteArray());
    assertEquals(one, value(open(one, file)));
    int[][] orders = {{1, 0, 2, 3}, {0, 2, 1, 3}, {0, 1, 1, 2, 3}, {0, 2, 3}, {0, 1, 2}, {0, 1, 3}, {3, 2, 1, 0},
        {0, 1, 2, 3, 3}, {0}, {}};
    for (int[] order : orders) {
      ByteString changed = ByteString.EMPTY;
      for (int piece : order) {
        changed = changed.concat(file.substring(piece * MEBIBYTE, Math.min(file.size(), (piece + 1) * MEBIBYTE)));
      }
      assertUnreadable(Fault.CANNOT_OPEN, open(one, changed));
    }
    IO.println("shown: file-orders segments=4 orders=%d opened=0".formatted(orders.length));
  }

  @Test
  void another_file_in_its_place_is_refused() {
    assertUnreadable(Fault.CANNOT_OPEN, open(one, ByteString.copyFrom(otherSealed.toByteArray())));
    ByteString mixed = ByteString.copyFrom(oneSealed.toByteArray()).substring(0, MEBIBYTE)
        .concat(ByteString.copyFrom(otherSealed.toByteArray()).substring(MEBIBYTE));
    assertUnreadable(Fault.CANNOT_OPEN, open(one, mixed));
    assertEquals(other, value(open(other, ByteString.copyFrom(otherSealed.toByteArray()))));
  }

  /// Two files under one id, so that two readers are shown different ones: the root says which was meant.
  @Test
  void a_file_with_the_same_key_that_was_not_the_one_described_is_refused() {
    ByteArrayOutputStream twinSealed = new ByteArrayOutputStream();
    FileDescriptor twin = FileSealing.seal(
        FixedRandomness.bytes(times(0xf1, 16), times(0xfe, 32), times(0x5b, 32), times(1, 32), times(1, 7)), key, PLACE,
        "a", "b", new ByteArrayInputStream(new byte[300]), twinSealed);
    ByteArrayOutputStream otherTwinSealed = new ByteArrayOutputStream();
    FileDescriptor otherTwin = FileSealing.seal(
        FixedRandomness.bytes(times(0xf1, 16), times(0xfe, 32), times(0x5b, 32), times(1, 32), times(2, 7)), key, PLACE,
        "a", "b", new ByteArrayInputStream(new byte[300]), otherTwinSealed);
    assertEquals(twin.wrappedKey(), otherTwin.wrappedKey());
    ByteString second = ByteString.copyFrom(otherTwinSealed.toByteArray());
    assertUnreadable(Fault.WRONG_ROOT, open(twin, second));
    assertEquals(otherTwin, value(open(otherTwin, second)));
  }

  @Test
  void a_file_that_is_said_to_be_another_is_refused() {
    ByteString file = ByteString.copyFrom(oneSealed.toByteArray());
    assertUnreadable(Fault.CANNOT_OPEN, open(new FileDescriptor(other.id(), one.wrappedKey(), one.size(),
        one.sealedSize(), one.root(), one.nameUtf8(), one.mimeUtf8()), file));
    assertUnreadable(Fault.CANNOT_OPEN, open(new FileDescriptor(one.id(), other.wrappedKey(), one.size(),
        one.sealedSize(), one.root(), one.nameUtf8(), one.mimeUtf8()), file));
    assertUnreadable(Fault.WRONG_ROOT, open(new FileDescriptor(one.id(), one.wrappedKey(), one.size(), one.sealedSize(),
        other.root(), one.nameUtf8(), one.mimeUtf8()), file));
  }

  /// Name and type travel in the sealed message, so the service neither reads nor changes them.
  @Test
  void a_descriptor_cannot_be_renamed() {
    TestGroup group = new TestGroup(HistoryPolicy.FULL);
    ByteString content = new Joined().u16(6).bytes(one.bytes()).toByteString();
    Envelope sent = group.messages(group.alice).content(ChainPlace.FIRST, MessageMaker.newId(), 0, content);
    assertEquals(new Message.Content(content), value(group.opening().open(sent, TestDirectory.of(group.alice))));
    assertEquals("one.png", value(FileDescriptor.read(content.substring(2))).name());
    for (int at = 64; at < sent.body().size(); at++) {
      Envelope renamed = new Envelope(sent.header(), flipped(sent.body(), at), group.alice.keys.signing().sign("msg",
          Envelope.tbs(group.epoch.record().hash(), sent.header(), flipped(sent.body(), at))));
      assertUnreadable(Fault.CANNOT_OPEN, group.opening().open(renamed, TestDirectory.of(group.alice)));
    }
  }

  private FileDescriptor sealed(String name, int size, int with, ByteArrayOutputStream out) {
    return FileSealing.seal(key, PLACE, name, "image/png", new ByteArrayInputStream(times(with, size).toByteArray()),
        out);
  }

  private Reading<FileDescriptor> open(FileDescriptor descriptor, ByteString sealed) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    Reading<FileDescriptor> opened = FileSealing.open(key, PLACE, descriptor, sealed.newInput(), plain);
    if (opened instanceof Reading.Read && descriptor.equals(one)) {
      assertArrayEquals(times(1, 3 * MEBIBYTE).toByteArray(), plain.toByteArray());
    }
    return opened;
  }
}
