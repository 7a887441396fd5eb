// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.verify.DisclosureCheck;
import io.e2relay.protocol.verify.Verdict;
import org.junit.jupiter.api.Test;

final class DisclosureTest {
  private static final SymmetricKey KEY = SymmetricKey.generate();
  private static final SigningKey DSK = SigningKey.generate();
  private static final Hash EPOCH_HASH = new Hash(times(0xe0, 32));
  private static final ByteString CONTENT = ByteString.copyFromUtf8("that is what was said");
  private static final Envelope ENVELOPE = envelope(1, CONTENT);

  @Test
  void the_key_of_one_message_opens_it_and_convinces_the_service() {
    Disclosure disclosure = value(Disclosure.of(KEY, EPOCH_HASH, ENVELOPE));
    assertEquals(new Verdict.Valid(),
        DisclosureCheck.verify(ENVELOPE, EPOCH_HASH, disclosure.reveal(), DSK.publicKey()));
    Disclosure received = Disclosure.received(disclosure.reveal());
    assertEquals(CONTENT, value(received.open(EPOCH_HASH, ENVELOPE)));
  }

  @Test
  void it_opens_no_other_message() {
    Disclosure disclosure = value(Disclosure.of(KEY, EPOCH_HASH, ENVELOPE));
    assertEquals(CONTENT, value(disclosure.open(EPOCH_HASH, ENVELOPE)));
    assertUnreadable(Fault.BAD_COMMITMENT, disclosure.open(EPOCH_HASH, envelope(2, CONTENT)));
    assertUnreadable(Fault.BAD_COMMITMENT, disclosure.open(EPOCH_HASH, envelope(1, CONTENT)));
  }

  @Test
  void another_key_is_a_bad_commitment_and_an_altered_message_does_not_open() {
    Disclosure disclosure = value(Disclosure.of(KEY, EPOCH_HASH, ENVELOPE));
    assertEquals(CONTENT, value(disclosure.open(EPOCH_HASH, ENVELOPE)));
    Disclosure other = Disclosure.received(flipped(disclosure.reveal(), 5));
    assertUnreadable(Fault.BAD_COMMITMENT, other.open(EPOCH_HASH, ENVELOPE));
    assertUnreadable(Fault.CANNOT_OPEN, disclosure.open(new Hash(times(0xe1, 32)), ENVELOPE));
    assertUnreadable(Fault.CANNOT_OPEN, disclosure.open(EPOCH_HASH, altered(100)));
    assertUnreadable(Fault.BAD_COMMITMENT, disclosure.open(EPOCH_HASH, altered(40)));
    assertThrows(IllegalArgumentException.class, () -> Disclosure.received(times(1, 31)));
  }

  @Test
  void nobody_discloses_what_does_not_open() {
    assertEquals(CONTENT, value(value(Disclosure.of(KEY, EPOCH_HASH, ENVELOPE)).open(EPOCH_HASH, ENVELOPE)));
    assertUnreadable(Fault.CANNOT_OPEN, Disclosure.of(SymmetricKey.generate(), EPOCH_HASH, ENVELOPE));
    assertUnreadable(Fault.CANNOT_OPEN, Disclosure.of(KEY, EPOCH_HASH, altered(100)));
    MessageHeader header = header(MessageType.TOMBSTONE, 1);
    Envelope tombstone = signed(header, times(1, 16));
    assertUnreadable(Fault.CANNOT_OPEN, Disclosure.of(KEY, EPOCH_HASH, tombstone));
    assertUnreadable(Fault.BAD_COMMITMENT, Disclosure.received(times(1, 32)).open(EPOCH_HASH, tombstone));
  }

  private static Envelope altered(int at) {
    return new Envelope(ENVELOPE.header(), flipped(ENVELOPE.body(), at), ENVELOPE.signature());
  }

  private static Envelope envelope(long seq, ByteString content) {
    MessageHeader header = header(MessageType.CONTENT, seq);
    return signed(header, Sealing.seal(KEY, Sealing.Label.MESSAGE, EPOCH_HASH.bytes().concat(header.bytes()),
        PaddedContent.pad(content, 65_536)));
  }

  private static Envelope signed(MessageHeader header, ByteString body) {
    return new Envelope(header, body, DSK.sign("msg", Envelope.tbs(EPOCH_HASH, header, body)));
  }

  private static MessageHeader header(MessageType type, long seq) {
    return new MessageHeader(type, new ConversationId(times(0xc0, 32)), new Epoch(7), new Uid(times(0xaa, 16)),
        new DeviceId(times(0xd1, 16)), new MsgId(times((int) seq, 16)), seq,
        seq == 1 ? Hash.NONE : new Hash(times(0x11, 32)), 0);
  }
}
