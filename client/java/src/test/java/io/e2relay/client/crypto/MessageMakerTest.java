// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.MessageOpening.Message;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Padding;
import org.junit.jupiter.api.Test;

final class MessageMakerTest {
  private static final ByteString HELLO = new Joined().u16(1).bytes(ByteString.copyFromUtf8("hello")).toByteString();

  private final TestGroup group = new TestGroup(HistoryPolicy.FULL);
  private final MessageMaker maker = group.messages(group.alice);

  @Test
  void what_is_sent_is_what_is_read() {
    Envelope sent = maker.content(ChainPlace.FIRST, MessageMaker.newId(), 60, HELLO);
    Envelope received = value(Envelope.read(sent.bytes()));
    assertEquals(530, sent.bytes().size());
    assertEquals(new Message.Content(HELLO), opened(received));
    assertEquals(60, received.header().ttlS());
    assertEquals("Content[secret]", opened(received).toString());
  }

  @Test
  void messages_of_every_type_are_read() {
    Envelope first = maker.content(ChainPlace.FIRST, MessageMaker.newId(), 0, HELLO);
    MsgId target = first.header().msgId();
    assertEquals(new Message.Tombstone(target),
        opened(maker.tombstone(ChainPlace.after(first), MessageMaker.newId(), target)));
    assertEquals(new Message.Ephemeral(HELLO), opened(maker.ephemeral(MessageMaker.newId(), 5, HELLO)));
    assertEquals(new Message.Receipt(77), opened(maker.receipt(MessageMaker.newId(), 77)));
  }

  @Test
  void nothing_and_the_longest_content_are_read() {
    for (int size : new int[]{0, 252, 253, Padding.MESSAGE_MAX - 4}) {
      Envelope sent = maker.content(ChainPlace.FIRST, MessageMaker.newId(), 0, times(7, size));
      assertEquals(new Message.Content(times(7, size)), opened(sent));
      assertEquals(130 + 80 + 64 + Padding.size(size + 4), sent.bytes().size());
    }
    assertEquals(Fault.OUT_OF_RANGE.name(),
        assertThrows(IllegalArgumentException.class,
            () -> maker.content(ChainPlace.FIRST, MessageMaker.newId(), 0, times(7, Padding.MESSAGE_MAX - 3)))
            .getMessage());
  }

  @Test
  void the_same_content_is_sealed_differently_each_time() {
    MsgId id = MessageMaker.newId();
    Envelope one = maker.content(ChainPlace.FIRST, id, 0, HELLO);
    Envelope other = maker.content(ChainPlace.FIRST, id, 0, HELLO);
    assertEquals(one.header(), other.header());
    assertNotEquals(one.body().substring(0, 32), other.body().substring(0, 32));
    assertNotEquals(one.body().substring(64), other.body().substring(64));
  }

  @Test
  void content_that_is_padded_otherwise_is_not_read() {
    Envelope good = maker.content(ChainPlace.FIRST, MessageMaker.newId(), 0, HELLO);
    ByteString context = MessageMaker.context(group.epoch.record().hash(), good.header());
    ByteString padded = PaddedContent.pad(HELLO, Padding.MESSAGE_MAX);
    byte[] stray = padded.toByteArray();
    stray[255] = 1;
    assertUnreadable(Fault.BAD_PADDING, open(sealed(good, context, ByteString.copyFrom(stray))));
    assertUnreadable(Fault.BAD_PADDING, open(sealed(good, context, padded.concat(times(0, 16)))));
    assertEquals(new Message.Content(HELLO), opened(sealed(good, context, padded)));
  }

  @Test
  void a_message_of_an_epoch_that_is_over_still_opens_with_its_key() {
    Envelope sent = maker.content(ChainPlace.FIRST, MessageMaker.newId(), 0, HELLO);
    MessageOpening old = group.opening();
    group.next(EpochReason.REMOVED);
    assertEquals(new Message.Content(HELLO), value(old.open(sent, TestDirectory.of(group.alice))));
    assertUnreadable(Fault.WRONG_CONTEXT, open(sent));
  }

  private Envelope sealed(Envelope like, ByteString context, ByteString padded) {
    ByteString body = Sealing.seal(group.epoch.key(), Sealing.Label.MESSAGE, context, padded);
    return new Envelope(like.header(), body,
        group.alice.keys.signing().sign("msg", Envelope.tbs(group.epoch.record().hash(), like.header(), body)));
  }

  private io.e2relay.protocol.record.Reading<Message> open(Envelope envelope) {
    return group.opening().open(envelope, TestDirectory.of(group.alice));
  }

  private Message opened(Envelope envelope) {
    return value(open(envelope));
  }
}
