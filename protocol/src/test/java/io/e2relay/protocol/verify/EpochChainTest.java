// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static io.e2relay.protocol.verify.AccountChainTest.invalid;
import static io.e2relay.protocol.verify.AccountChainTest.value;
import static io.e2relay.protocol.verify.AccountChainTest.verdict;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signature;
import org.junit.jupiter.api.Test;

/// Who may begin an epoch, with which change; each refusal beside the same record done right.
final class EpochChainTest {
  private final TestAccount alice = new TestAccount(0xaa);
  private final TestAccount bob = new TestAccount(0xbb);
  private final TestAccount carol = new TestAccount(0xcc);
  private final TestAccount dave = new TestAccount(0xdd);
  private final TestAccounts accounts = TestAccounts.of(alice, bob, carol, dave);
  /// Alice is admin, Bob a member, Carol is pending.
  private final TestConversation first = started(AddPolicy.ADMINS);
  private final EpochChain chain = value(EpochChain.from(first.genesis, first.record(), accounts));

  private TestConversation started(AddPolicy add) {
    return new TestConversation(alice, HistoryPolicy.FULL, add).admin(alice).member(bob).pending(carol);
  }

  @Test
  void a_genesis_is_signed_by_a_device_of_the_account_it_names() {
    Genesis good = first.genesis;
    assertEquals(Verdict.VALID, EpochChain.genesis(good, accounts));
    assertEquals(invalid(Fault.BAD_SIGNATURE), EpochChain
        .genesis(new Genesis(good.statement(), alice.first().dsk().sign("epoch", good.statement().tbs())), accounts));
    assertEquals(invalid(Fault.NOT_A_SIGNER), EpochChain.genesis(good, TestAccounts.of(bob)));
    assertEquals(invalid(Fault.NOT_A_SIGNER), EpochChain.genesis(good, TestAccounts.of(new TestAccount(0xaa))));
    TestAccount elsewhere = alice.copy();
    elsewhere.tenant = new TenantId(TestAccount.bytes(16, 0x12));
    assertEquals(invalid(Fault.WRONG_CONTEXT), EpochChain.genesis(good, TestAccounts.of(elsewhere)));
  }

  @Test
  void epoch_1_is_its_creators() {
    assertEquals(invalid(Fault.NOT_A_SIGNER), begun(started(AddPolicy.ADMINS).by(bob)));
    TestConversation other = started(AddPolicy.ADMINS);
    other.key = bob.first().dsk();
    assertEquals(invalid(Fault.BAD_SIGNATURE), begun(other));
    TestConversation loose = started(AddPolicy.ADMINS);
    loose.prev = loose.statement().hash();
    assertEquals(invalid(Fault.BROKEN_CHAIN), begun(loose));
    assertEquals(Verdict.VALID, begun(first));
  }

  @Test
  void the_chain_begins_with_epoch_1() {
    assertEquals(invalid(Fault.BROKEN_CHAIN), begun(first.next(EpochReason.PERIODIC)));
  }

  @Test
  void a_record_of_another_conversation_is_found_first() {
    TestConversation next = first.next(EpochReason.PERIODIC);
    next.id = new ConversationId(TestAccount.bytes(32, 0xc0));
    next.epoch = first.epoch;
    next.reason = EpochReason.CREATED;
    refused(Fault.WRONG_CONTEXT, next);
    TestConversation begin = started(AddPolicy.ADMINS);
    begin.id = next.id;
    assertEquals(invalid(Fault.WRONG_CONTEXT), begun(begin));
  }

  @Test
  void a_link_to_the_past_needs_the_policy() {
    TestConversation linked = first.next(EpochReason.PERIODIC);
    linked.histLink = TestAccount.bytes(112, 1);
    assertEquals(Verdict.VALID, verdict(chain.next(linked.record(), accounts)));
    TestConversation strict = new TestConversation(alice, HistoryPolicy.FROM_JOIN, AddPolicy.ADMINS).admin(alice);
    EpochChain from = value(EpochChain.from(strict.genesis, strict.record(), accounts));
    TestConversation next = strict.next(EpochReason.PERIODIC);
    assertEquals(Verdict.VALID, verdict(from.next(next.record(), accounts)));
    next.histLink = TestAccount.bytes(112, 1);
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(from.next(next.record(), accounts)));
  }

  @Test
  void numbers_follow() {
    TestConversation second = first.next(EpochReason.PERIODIC);
    EpochChain further = value(chain.next(second.record(), accounts));
    assertEquals(invalid(Fault.ROLLED_BACK), verdict(further.next(first.record(), accounts)));
    assertEquals(new Reading.Read<>(further), further.next(further.last(), accounts));
    assertEquals(invalid(Fault.FORKED), verdict(further.next(first.next(EpochReason.BY_USER).record(), accounts)));
    refused(Fault.BROKEN_CHAIN, second.next(EpochReason.PERIODIC));
    TestConversation loose = first.next(EpochReason.PERIODIC);
    loose.prev = first.genesis.statement().hash();
    refused(Fault.BROKEN_CHAIN, loose);
  }

  @Test
  void the_other_signature_of_the_same_record_makes_no_fork() {
    EpochRecord other = new EpochRecord(chain.last().statement(), TestKey.other(chain.last().signature()));
    assertEquals(new Reading.Read<>(chain), chain.next(other, accounts));
  }

  @Test
  void only_active_members_sign() {
    accepted(first.next(EpochReason.PERIODIC).by(bob));
    refused(Fault.NOT_A_SIGNER, first.next(EpochReason.ACTIVATED).member(carol).by(carol));
    refused(Fault.NOT_A_SIGNER, first.next(EpochReason.ADDED).admin(dave).by(dave));
    TestConversation unknown = first.next(EpochReason.PERIODIC);
    unknown.rotator = new io.e2relay.protocol.record.Signer(alice.uid, dave.device(9).entry().id(), 1);
    refused(Fault.NOT_A_SIGNER, unknown);
  }

  @Test
  void a_signature_of_another_key_or_for_another_purpose_is_refused() {
    TestConversation forged = first.next(EpochReason.PERIODIC);
    forged.key = bob.first().dsk();
    refused(Fault.BAD_SIGNATURE, forged);
    var statement = first.next(EpochReason.PERIODIC).statement();
    Signature elsewhere = alice.first().dsk().sign("grant", statement.tbs());
    assertEquals(invalid(Fault.BAD_SIGNATURE), verdict(chain.next(new EpochRecord(statement, elsewhere), accounts)));
  }

  @Test
  void a_revoked_device_does_not_sign_by_an_old_record() {
    TestAccount both = alice.next(AccountKind.DEVICE_ADDED);
    both.with(both.device(2));
    TestAccount revoked = both.next(AccountKind.DEVICE_REVOKED).nextAek().without(1);
    TestAccounts known = TestAccounts.of(alice, both, revoked, bob, carol);
    TestConversation moved = first.next(EpochReason.DEVICE_REVOKED).admin(revoked).by(bob);
    EpochChain further = value(chain.next(moved.record(), known));
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        verdict(further.next(moved.next(EpochReason.BY_USER).by(both).record(), known)));
    assertEquals(Verdict.VALID, verdict(further.next(moved.next(EpochReason.BY_USER).by(revoked).record(), known)));
    assertEquals(Verdict.VALID, verdict(chain.next(first.next(EpochReason.BY_USER).by(both).record(), known)),
        "a newer record than the roster's is fine");
  }

  @Test
  void an_account_that_was_reset_does_not_sign_for_who_it_was() {
    TestAccount faked = alice.next(AccountKind.IDENTITY_RESET).nextArk().nextAek();
    faked.without(1).with(faked.device(7));
    TestAccounts known = TestAccounts.of(alice, faked, bob, carol, dave);
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        verdict(chain.next(first.next(EpochReason.ADDED).member(dave).by(faked).record(), known)));
    assertEquals(Verdict.VALID, verdict(chain.next(first.next(EpochReason.ADDED).member(dave).record(), known)));
  }

  @Test
  void a_conversation_is_restarted_when_nobody_is_left() {
    TestAccount newAlice = alice.next(AccountKind.IDENTITY_RESET).nextArk().nextAek();
    TestAccount newBob = bob.next(AccountKind.IDENTITY_RESET).nextArk().nextAek();
    TestConversation restart = first.next(EpochReason.RESTARTED).admin(newAlice).member(newBob);
    TestAccounts all = TestAccounts.of(alice, newAlice, bob, newBob, carol);
    TestAccounts some = TestAccounts.of(alice, newAlice, bob, carol);
    assertEquals(Verdict.VALID, verdict(chain.next(restart.by(newAlice).record(), all)));
    assertEquals(Verdict.VALID, verdict(chain.next(restart.by(carol).record(), all)), "also by somebody pending");
    assertEquals(invalid(Fault.NOT_A_SIGNER), verdict(chain.next(restart.by(newAlice).record(), some)),
        "Bob is still there");
    assertEquals(invalid(Fault.NOT_A_SIGNER), verdict(chain.next(restart.by(dave).record(), all)), "no member");
    assertEquals(invalid(Fault.NOT_ALLOWED), verdict(chain.next(restart.by(newBob).member(dave).record(), all)),
        "nor does it add anybody");
  }

  @Test
  void who_was_reset_may_wait_under_the_account_from_before() {
    TestAccount newAlice = alice.next(AccountKind.IDENTITY_RESET).nextArk().nextAek();
    TestAccounts all = TestAccounts.of(alice, newAlice, bob, carol);
    TestConversation lowered = first.next(EpochReason.RESET).with(alice, RosterRole.ADMIN, RosterState.PENDING).by(bob);
    EpochChain further = value(chain.next(lowered.record(), all));
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        verdict(further.next(lowered.next(EpochReason.ACTIVATED).admin(newAlice).by(newAlice).record(), all)));
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        verdict(further.next(lowered.next(EpochReason.RESTARTED).admin(newAlice).by(newAlice).record(), all)),
        "Bob is still there");
    assertEquals(Verdict.VALID,
        verdict(further.next(lowered.next(EpochReason.ACTIVATED).admin(newAlice).by(bob).record(), all)));
  }

  @Test
  void nobodys_account_falls_behind() {
    TestAccount rotated = bob.next(AccountKind.AEK_ROTATED).nextAek();
    TestAccounts known = TestAccounts.of(alice, bob, rotated, carol);
    TestConversation moved = first.next(EpochReason.PERIODIC).member(rotated);
    EpochChain further = value(chain.next(moved.record(), known));
    assertEquals(Verdict.VALID, verdict(further.next(moved.next(EpochReason.PERIODIC).record(), known)));
    assertEquals(invalid(Fault.ROLLED_BACK),
        verdict(further.next(moved.next(EpochReason.PERIODIC).member(bob).record(), known)));
  }

  @Test
  void reducing_access_is_open_to_every_active_member() {
    accepted(first.next(EpochReason.REMOVED).without(alice).by(bob));
    accepted(first.next(EpochReason.REMOVED).without(carol).by(bob));
    accepted(first.next(EpochReason.LEFT).without(bob).by(bob));
    accepted(first.next(EpochReason.ROLE_CHANGED).member(alice).by(bob));
    accepted(first.next(EpochReason.BY_USER).with(alice, RosterRole.ADMIN, RosterState.PENDING).by(bob));
    accepted(first.next(EpochReason.ACTIVATED).member(carol).by(bob));
  }

  @Test
  void extending_access_follows_the_policy() {
    refused(Fault.NOT_ALLOWED, first.next(EpochReason.ADDED).member(dave).by(bob));
    refused(Fault.NOT_ALLOWED, first.next(EpochReason.ADDED).pending(dave).by(bob));
    accepted(first.next(EpochReason.ADDED).member(dave).by(alice));
    for (AddPolicy open : new AddPolicy[]{AddPolicy.ANY_MEMBER, AddPolicy.HOST}) {
      TestConversation other = started(open);
      EpochChain from = value(EpochChain.from(other.genesis, other.record(), accounts));
      assertEquals(Verdict.VALID,
          verdict(from.next(other.next(EpochReason.ADDED).member(dave).by(bob).record(), accounts)));
      assertEquals(invalid(Fault.NOT_ALLOWED),
          verdict(from.next(other.next(EpochReason.ADDED).admin(dave).by(bob).record(), accounts)));
    }
  }

  @Test
  void only_an_admin_makes_admins() {
    refused(Fault.NOT_ALLOWED, first.next(EpochReason.ROLE_CHANGED).admin(bob).by(bob));
    refused(Fault.NOT_ALLOWED,
        first.next(EpochReason.ROLE_CHANGED).with(carol, RosterRole.ADMIN, RosterState.PENDING).by(bob));
    accepted(first.next(EpochReason.ROLE_CHANGED).admin(bob).by(alice));
    accepted(first.next(EpochReason.ADDED).admin(dave).by(alice));
  }

  private Verdict begun(TestConversation conversation) {
    return verdict(EpochChain.from(first.genesis, conversation.record(), accounts));
  }

  private void accepted(TestConversation next) {
    assertEquals(Verdict.VALID, verdict(chain.next(next.record(), accounts)));
  }

  private void refused(Fault fault, TestConversation next) {
    assertEquals(invalid(fault), verdict(chain.next(next.record(), accounts)));
  }
}
