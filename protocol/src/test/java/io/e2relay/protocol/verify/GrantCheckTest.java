// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static io.e2relay.protocol.verify.AccountChainTest.invalid;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import org.junit.jupiter.api.Test;

final class GrantCheckTest {
  private final TestAccount alice = new TestAccount(0xaa);
  private final TestAccount bob = new TestAccount(0xbb);
  private final TestAccount carol = new TestAccount(0xcc);
  private final TestAccount stranger = new TestAccount(0xdd);
  private final TestAccounts accounts = TestAccounts.of(alice, bob, carol, stranger);
  private final TestConversation first = new TestConversation(alice, HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER)
      .admin(alice).member(bob);
  private final TestConversation second = first.next(EpochReason.ADDED).member(carol).without(bob);
  private final EpochRecord old = first.record();
  private final EpochRecord now = second.record();

  @Test
  void whoever_was_active_then_gets_the_key_of_then_again() {
    assertEquals(Verdict.VALID, GrantCheck.verify(grant(GrantKind.REWRAP, bob, alice), old, now, accounts));
    assertEquals(invalid(Fault.NOT_ALLOWED),
        GrantCheck.verify(grant(GrantKind.REWRAP, carol, alice), old, now, accounts));
  }

  @Test
  void whoever_is_active_now_is_shown_what_was_before() {
    assertEquals(Verdict.VALID, GrantCheck.verify(grant(GrantKind.HISTORY, carol, alice), old, now, accounts));
    assertEquals(invalid(Fault.NOT_ALLOWED),
        GrantCheck.verify(grant(GrantKind.HISTORY, bob, alice), old, now, accounts));
  }

  @Test
  void members_of_then_or_now_grant_and_nobody_else() {
    assertEquals(Verdict.VALID, GrantCheck.verify(grant(GrantKind.REWRAP, bob, bob), old, now, accounts));
    assertEquals(Verdict.VALID, GrantCheck.verify(grant(GrantKind.REWRAP, bob, carol), old, now, accounts));
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        GrantCheck.verify(grant(GrantKind.REWRAP, bob, stranger), old, now, accounts));
  }

  @Test
  void a_faked_reset_grants_nothing() {
    TestAccount faked = alice.next(AccountKind.IDENTITY_RESET).nextArk().nextAek();
    faked.without(1).with(faked.device(7));
    assertEquals(invalid(Fault.NOT_A_SIGNER),
        GrantCheck.verify(grant(GrantKind.REWRAP, bob, faked), old, now, TestAccounts.of(alice, faked, bob)));
  }

  @Test
  void a_grant_of_something_else_is_found_first() {
    GrantStatement good = grant(GrantKind.REWRAP, bob, alice).statement();
    assertEquals(invalid(Fault.WRONG_CONTEXT),
        GrantCheck.verify(changed(good, new ConversationId(TestAccount.bytes(32, 1)), good.epoch(), good.epochHash()),
            old, now, accounts));
    assertEquals(invalid(Fault.WRONG_CONTEXT),
        GrantCheck.verify(changed(good, good.conversation(), new Epoch(2), good.epochHash()), old, now, accounts));
    assertEquals(invalid(Fault.WRONG_CONTEXT),
        GrantCheck.verify(changed(good, good.conversation(), good.epoch(), now.hash()), old, now, accounts));
    assertEquals(Verdict.VALID,
        GrantCheck.verify(changed(good, good.conversation(), good.epoch(), good.epochHash()), old, now, accounts));
  }

  @Test
  void a_signature_of_somebody_else_or_of_an_epoch_is_refused() {
    GrantStatement good = grant(GrantKind.REWRAP, bob, alice).statement();
    assertEquals(invalid(Fault.BAD_SIGNATURE),
        GrantCheck.verify(new Grant(good, bob.first().dsk().sign("grant", good.tbs())), old, now, accounts));
    assertEquals(invalid(Fault.BAD_SIGNATURE),
        GrantCheck.verify(new Grant(good, alice.first().dsk().sign("epoch", good.tbs())), old, now, accounts));
  }

  private Grant grant(GrantKind kind, TestAccount to, TestAccount by) {
    GrantStatement statement = new GrantStatement(first.id, old.statement().epoch(), old.hash(), to.uid,
        new AccountKey(to.seq, to.record().hash(), to.aekGen), kind, by.signer(), 9);
    return new Grant(statement, by.first().dsk().sign("grant", statement.tbs()));
  }

  private Grant changed(GrantStatement from, ConversationId conversation, Epoch epoch, Hash epochHash) {
    GrantStatement statement = new GrantStatement(conversation, epoch, epochHash, from.grantee(), from.account(),
        from.kind(), from.granter(), from.createdMs());
    return new Grant(statement, alice.first().dsk().sign("grant", statement.tbs()));
  }
}
