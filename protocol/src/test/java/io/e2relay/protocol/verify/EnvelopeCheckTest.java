// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static io.e2relay.protocol.verify.AccountChainTest.invalid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.MessageType;
import io.e2relay.protocol.record.Signature;
import org.junit.jupiter.api.Test;

/// What the service and a reviewer can say about a message without its key.
final class EnvelopeCheckTest {
  private static final ByteString MESSAGE_KEY = TestAccount.bytes(32, 0x6f);

  private final TestAccount alice = new TestAccount(0xaa);
  private final TestAccount bob = new TestAccount(0xbb);
  private final TestConversation first = new TestConversation(alice, HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER)
      .admin(alice).pending(bob);
  private final EpochRecord epoch = first.record();
  private final Envelope message = message(alice, first.id, epoch);

  @Test
  void a_message_of_a_members_device_is_valid() {
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(message, epoch, TestAccounts.of(alice)));
  }

  @Test
  void the_other_signature_is_the_same_message() {
    Envelope other = new Envelope(message.header(), message.body(), TestKey.other(message.signature()));
    assertNotEquals(message, other);
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(other, epoch, TestAccounts.of(alice)));
    assertEquals(message.hash(), other.hash());
  }

  @Test
  void a_message_of_another_conversation_or_epoch_is_found_first() {
    assertEquals(invalid(Fault.WRONG_CONTEXT), EnvelopeCheck
        .verify(message(bob, new ConversationId(TestAccount.bytes(32, 1)), epoch), epoch, TestAccounts.of(alice)));
    EpochRecord next = first.next(EpochReason.PERIODIC).record();
    assertEquals(invalid(Fault.WRONG_CONTEXT), EnvelopeCheck.verify(message, next, TestAccounts.of(alice)));
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(message(alice, first.id, next), next, TestAccounts.of(alice)));
  }

  @Test
  void a_message_of_the_other_branch_of_a_fork_does_not_verify() {
    TestConversation fork = new TestConversation(alice, HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER).admin(alice);
    fork.genesis = first.genesis;
    fork.id = first.id;
    fork.prev = first.prev;
    assertEquals(invalid(Fault.BAD_SIGNATURE), EnvelopeCheck.verify(message, fork.record(), TestAccounts.of(alice)));
  }

  @Test
  void pending_and_former_members_and_strangers_do_not_send() {
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        EnvelopeCheck.verify(message(bob, first.id, epoch), epoch, TestAccounts.of(bob)));
    TestAccount stranger = new TestAccount(0xdd);
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        EnvelopeCheck.verify(message(stranger, first.id, epoch), epoch, TestAccounts.of(stranger)));
    EpochRecord active = first.next(EpochReason.ACTIVATED).member(bob).record();
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(message(bob, first.id, active), active, TestAccounts.of(bob)));
  }

  @Test
  void a_device_that_the_account_does_not_list_does_not_send() {
    TestAccount ghost = alice.copy();
    ghost.devices.clear();
    ghost.with(ghost.device(9));
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        EnvelopeCheck.verify(message(ghost, first.id, epoch), epoch, TestAccounts.of(alice)));
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        EnvelopeCheck.verify(message(ghost, first.id, epoch), epoch, TestAccounts.of(ghost)), "nor by another record");
    assertEquals(invalid(Fault.NOT_A_SIGNER), EnvelopeCheck.verify(message, epoch, TestAccounts.of(bob)));
  }

  @Test
  void a_device_that_came_later_sends_by_a_later_record() {
    TestAccount later = alice.next(AccountKind.DEVICE_ADDED);
    later.with(later.device(2)).devices.removeFirst();
    later.devices.addFirst(alice.first());
    TestAccount bySecond = later.copy();
    bySecond.devices.removeFirst();
    Envelope sent = message(bySecond, first.id, epoch);
    assertEquals(invalid(Fault.NOT_A_SIGNER), EnvelopeCheck.verify(sent, epoch, TestAccounts.of(alice)));
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(sent, epoch, TestAccounts.of(alice, later)));
  }

  @Test
  void a_device_that_came_by_a_reset_says_nothing_in_the_epochs_before_it() {
    TestAccount reset = alice.next(AccountKind.IDENTITY_RESET).nextAek().nextArk();
    TestAccount.TestDevice thief = reset.device(7);
    reset.with(thief).devices.removeFirst();
    Envelope sent = message(reset, first.id, epoch);
    assertEquals(invalid(Fault.NOT_A_SIGNER), EnvelopeCheck.verify(sent, epoch, TestAccounts.of(alice, reset)));
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(message, epoch, TestAccounts.of(alice, reset)));
  }

  @Test
  void an_older_record_than_the_rosters_does_not_count() {
    TestAccount rotated = alice.next(AccountKind.AEK_ROTATED).nextAek();
    EpochRecord next = first.next(EpochReason.PERIODIC).admin(rotated).record();
    Envelope sent = message(alice, first.id, next);
    assertEquals(invalid(Fault.NOT_A_SIGNER), EnvelopeCheck.verify(sent, next, TestAccounts.of(alice)));
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(sent, next, TestAccounts.of(alice, rotated)));
  }

  @Test
  void a_signature_of_anything_else_is_refused() {
    Envelope byOther = new Envelope(message.header(), message.body(),
        bob.first().dsk().sign("msg", message.tbs(epoch.hash())));
    assertEquals(invalid(Fault.BAD_SIGNATURE), EnvelopeCheck.verify(byOther, epoch, TestAccounts.of(alice)));
    Envelope asSelf = new Envelope(message.header(), message.body(),
        alice.first().dsk().sign("self", message.tbs(epoch.hash())));
    assertEquals(invalid(Fault.BAD_SIGNATURE), EnvelopeCheck.verify(asSelf, epoch, TestAccounts.of(alice)));
  }

  @Test
  void a_shown_key_is_the_one_of_the_message_or_is_refused() {
    assertEquals(Verdict.VALID, DisclosureCheck.verify(message, epoch.hash(), MESSAGE_KEY, dsk()));
    assertEquals(invalid(Fault.BAD_COMMITMENT),
        DisclosureCheck.verify(message, epoch.hash(), TestAccount.bytes(32, 0x70), dsk()));
    assertEquals(invalid(Fault.BAD_COMMITMENT),
        DisclosureCheck.verify(message, epoch.hash(), MESSAGE_KEY.substring(1), dsk()));
    assertEquals(invalid(Fault.BAD_SIGNATURE),
        DisclosureCheck.verify(message, Hash.NONE, TestAccount.bytes(32, 0x70), dsk()), "the signature comes first");
    assertEquals(invalid(Fault.BAD_SIGNATURE),
        DisclosureCheck.verify(message, epoch.hash(), MESSAGE_KEY, bob.first().entry().dsk()));
  }

  @Test
  void a_message_without_a_key_shows_nothing() {
    MessageHeader header = header(MessageType.TOMBSTONE, alice, first.id, epoch.statement().epoch());
    ByteString target = TestAccount.bytes(16, 2);
    Signature signature = alice.first().dsk().sign("msg", Envelope.tbs(epoch.hash(), header, target));
    Envelope tombstone = new Envelope(header, target, signature);
    assertEquals(Verdict.VALID, EnvelopeCheck.verify(tombstone, epoch, TestAccounts.of(alice)));
    assertEquals(invalid(Fault.BAD_COMMITMENT), DisclosureCheck.verify(tombstone, epoch.hash(), MESSAGE_KEY, dsk()));
  }

  private io.e2relay.protocol.record.Point dsk() {
    return alice.first().entry().dsk();
  }

  private static Envelope message(TestAccount by, ConversationId conversation, EpochRecord epoch) {
    MessageHeader header = header(MessageType.CONTENT, by, conversation, epoch.statement().epoch());
    ByteString commitment = Hkdf.derive(MESSAGE_KEY, ByteString.EMPTY, Labels.of(Labels.AEAD), 76).substring(0, 32);
    ByteString body = TestAccount.bytes(32, 0x5a).concat(commitment).concat(TestAccount.bytes(272, 3));
    Signature signature = by.first().dsk().sign("msg", Envelope.tbs(epoch.hash(), header, body));
    return new Envelope(header, body, signature);
  }

  private static MessageHeader header(MessageType type, TestAccount by, ConversationId conversation, Epoch epoch) {
    DeviceId device = by.first().entry().id();
    return new MessageHeader(type, conversation, epoch, by.uid, device, new MsgId(TestAccount.bytes(16, 1)), 1,
        Hash.NONE, 0);
  }
}
