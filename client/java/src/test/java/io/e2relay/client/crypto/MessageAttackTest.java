// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.MessageOpening.Message;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.EnvelopeCheck;
import io.e2relay.protocol.verify.Verdict;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A service or a member that changes, moves, repeats and withholds messages.
final class MessageAttackTest {
  private static final BigInteger ORDER = new BigInteger(
      "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
  private static final ByteString TEXT = new Joined().u16(1).bytes(ByteString.copyFromUtf8("hello")).toByteString();

  private final TestGroup group = new TestGroup(HistoryPolicy.FULL);
  private final Envelope first = group.messages(group.alice).content(ChainPlace.FIRST, MessageMaker.newId(), 60, TEXT);
  private final Envelope second = group.messages(group.alice).content(ChainPlace.after(first), MessageMaker.newId(), 60,
      TEXT);

  @Test
  void no_bit_of_a_message_can_be_changed() {
    assertEquals(new Message.Content(TEXT), value(open(first)));
    ByteString bytes = first.bytes();
    Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    for (int at = 0; at < bytes.size(); at++) {
      Reading<?> read = Envelope.read(flipped(bytes, at));
      if (read instanceof Reading.Read<?>(Object envelope)) {
        read = open((Envelope) envelope);
      }
      if (read instanceof Reading.Unreadable<?>(Fault fault)) {
        faults.merge(fault, 1, Integer::sum);
      }
    }
    IO.println("shown: message-flips bytes=%d faults=%s".formatted(bytes.size(), faults));
    assertEquals(bytes.size(), faults.values().stream().mapToInt(Integer::intValue).sum());
  }

  @Test
  void an_altered_order_end_or_epoch_does_not_verify() {
    MessageHeader header = second.header();
    for (MessageHeader other : List.of(header(header, 3, 60), header(header, 2, 61), header(header, 2, 0),
        header(header, 2, 0xffff_ffffL))) {
      Envelope altered = new Envelope(other, second.body(), second.signature());
      assertEquals(new Verdict.Invalid(Fault.BAD_SIGNATURE),
          EnvelopeCheck.verify(altered, group.epoch.record(), TestDirectory.of(group.alice)));
    }
    Envelope swapped = new Envelope(first.header(), second.body(), second.signature());
    assertUnreadable(Fault.BAD_SIGNATURE, open(swapped));
    assertEquals(new Message.Content(TEXT), value(open(second)));
  }

  /// The sender itself, or whoever has a member's key: what is sealed belongs to its header.
  @Test
  void sealed_content_under_another_header_does_not_open_even_when_it_is_signed_anew() {
    assertUnreadable(Fault.CANNOT_OPEN, open(signed(header(first.header(), 1, 61), first.body(), group.alice)));
    MessageHeader mine = new MessageHeader(first.header().type(), first.header().conversation(), first.header().epoch(),
        group.bob.uid(), group.bob.keys.device(), first.header().msgId(), 1, first.header().prev(), 60);
    Envelope stolen = signed(mine, first.body(), group.bob);
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(stolen, group.epoch.record(), TestDirectory.of(group.bob)));
    assertUnreadable(Fault.CANNOT_OPEN, group.opening().open(stolen, TestDirectory.of(group.bob)));
    assertEquals(new Message.Content(TEXT), value(open(signed(first.header(), first.body(), group.alice))));
  }

  @Test
  void a_message_of_another_conversation_neither_verifies_nor_opens() {
    TestUser alice = group.alice;
    MadeEpoch other = group.maker(alice).begin(TestGroup.settings(group.epoch.chain().genesis().statement().policy()),
        List.of(TestGroup.admin(alice), TestGroup.member(group.bob)), TestUser.NOW_MS);
    MessageOpening there = new MessageOpening(other.record(), other.key());
    assertUnreadable(Fault.WRONG_CONTEXT, there.open(first, TestDirectory.of(alice)));
    MessageHeader moved = new MessageHeader(first.header().type(), other.record().statement().conversation(),
        first.header().epoch(), alice.uid(), alice.keys.device(), first.header().msgId(), 1, first.header().prev(), 60);
    assertUnreadable(Fault.BAD_SIGNATURE,
        there.open(new Envelope(moved, first.body(), first.signature()), TestDirectory.of(alice)));
    Envelope again = new Envelope(moved, first.body(),
        alice.keys.signing().sign("msg", Envelope.tbs(other.record().hash(), moved, first.body())));
    assertUnreadable(Fault.CANNOT_OPEN, there.open(again, TestDirectory.of(alice)));
    assertUnreadable(Fault.CANNOT_OPEN,
        new MessageOpening(other.record(), group.epoch.key()).open(again, TestDirectory.of(alice)));
    assertEquals(new Message.Content(TEXT),
        value(there.open(new MessageMaker(alice.uid(), alice.keys, other.record(), other.key())
            .content(ChainPlace.FIRST, MessageMaker.newId(), 0, TEXT), TestDirectory.of(alice))));
  }

  @Test
  void half_of_a_forked_group_does_not_read_the_other() {
    MadeEpoch one = group.maker(group.alice).next(group.epoch.chain(), group.epoch.key(), EpochReason.PERIODIC,
        List.of(TestGroup.admin(group.alice), TestGroup.member(group.bob)), TestUser.NOW_MS);
    MadeEpoch other = group.maker(group.alice).next(group.epoch.chain(), group.epoch.key(), EpochReason.BY_USER,
        List.of(TestGroup.admin(group.alice), TestGroup.member(group.bob)), TestUser.NOW_MS);
    assertUnreadable(Fault.FORKED, one.chain().next(other.record(), group.directory));
    Envelope sent = new MessageMaker(group.alice.uid(), group.alice.keys, one.record(), one.key())
        .content(ChainPlace.FIRST, MessageMaker.newId(), 0, TEXT);
    assertUnreadable(Fault.BAD_SIGNATURE,
        new MessageOpening(other.record(), other.key()).open(sent, TestDirectory.of(group.alice)));
    assertEquals(new Message.Content(TEXT),
        value(new MessageOpening(one.record(), one.key()).open(sent, TestDirectory.of(group.alice))));
  }

  @Test
  void the_other_signature_of_a_message_makes_no_second_one() {
    BigInteger s = new BigInteger(1, first.signature().bytes().substring(32).toByteArray());
    String twin = ORDER.subtract(s).toString(16);
    Envelope other = new Envelope(first.header(), first.body(), new Signature(
        first.signature().bytes().substring(0, 32).concat(ByteString.fromHex("0".repeat(64 - twin.length()) + twin))));
    assertNotEquals(first.bytes(), other.bytes());
    assertEquals(new Message.Content(TEXT), value(open(other)), "it verifies");
    assertEquals(first.hash(), other.hash());
    DeviceChain chain = new DeviceChain();
    assertEquals(0, value(chain.receive(other)));
    assertUnreadable(Fault.REPLAYED, chain.receive(first));
    assertEquals(0, value(chain.receive(second)), "which follows either");
  }

  /// The service has the messages; a device that lost what it knew reads them again before anything that comes live.
  @Test
  void a_replay_is_found_even_after_everything_was_forgotten() {
    DeviceChain before = new DeviceChain();
    value(before.receive(first));
    value(before.receive(second));
    DeviceChain fetched = new DeviceChain();
    assertEquals(0, value(fetched.receive(first)));
    assertEquals(0, value(fetched.receive(second)));
    assertUnreadable(Fault.REPLAYED, fetched.receive(first));
    assertUnreadable(Fault.REPLAYED, fetched.receive(second));
    Envelope third = group.messages(group.alice).content(ChainPlace.after(second), MessageMaker.newId(), 0, TEXT);
    assertEquals(0, value(fetched.receive(third)));
  }

  @Test
  void what_is_withheld_or_in_another_order_is_noticed() {
    DeviceChain withheld = new DeviceChain();
    assertEquals(1, value(withheld.receive(second)));
    assertUnreadable(Fault.OUT_OF_ORDER, withheld.receive(first));
    DeviceChain whole = new DeviceChain();
    assertEquals(0, value(whole.receive(first)));
    assertEquals(0, value(whole.receive(second)));
  }

  @Test
  void sizes_tell_little_about_what_is_said() {
    MessageMaker maker = group.messages(group.alice);
    int size = first.bytes().size();
    for (int length = 0; length <= 252; length++) {
      assertEquals(size, maker.content(ChainPlace.FIRST, MessageMaker.newId(), 0, times('a', length)).bytes().size());
    }
    int repeated = maker.content(ChainPlace.FIRST, MessageMaker.newId(), 0, times('a', 5000)).bytes().size();
    int random = maker.content(ChainPlace.FIRST, MessageMaker.newId(), 0, Randomness.SECURE.bytes(5000)).bytes().size();
    assertEquals(repeated, random, "nothing is compressed");
    assertTrue(repeated > 5000);
  }

  private Envelope signed(MessageHeader header, ByteString body, TestUser by) {
    return new Envelope(header, body,
        by.keys.signing().sign("msg", Envelope.tbs(group.epoch.record().hash(), header, body)));
  }

  private static MessageHeader header(MessageHeader like, long seq, long ttlS) {
    return new MessageHeader(like.type(), like.conversation(), like.epoch(), like.uid(), like.device(), like.msgId(),
        seq, like.prev(), ttlS);
  }

  private Reading<Message> open(Envelope envelope) {
    return group.opening().open(envelope, TestDirectory.of(group.alice));
  }
}
