// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.verify.EpochChain;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConversationMakerTest {
  private final TestGroup group = new TestGroup(HistoryPolicy.FULL);

  @Test
  void every_active_member_gets_the_key_and_nobody_else() {
    MadeEpoch epoch = group.epoch;
    assertEquals(Set.of(group.alice.uid(), group.bob.uid()), epoch.wraps().keySet());
    assertOpens(epoch, group.alice);
    assertOpens(epoch, group.bob);
    ByteString bobs = epoch.wrapFor(group.bob.uid());
    refused(Fault.CANNOT_OPEN, Optional.empty(), group.carol.opening().open(epoch.record(), bobs));
    refused(Fault.CANNOT_OPEN, Optional.empty(), group.alice.opening().open(epoch.record(), bobs));
  }

  @Test
  void what_was_made_is_what_others_read() {
    MadeEpoch second = group.next(EpochReason.ADDED, group.bob, group.carol);
    EpochRecord read = value(EpochRecord.read(second.record().bytes()));
    assertEquals(second.record(), read);
    EpochChain chain = new TestGroup(HistoryPolicy.FULL).epoch.chain();
    assertEquals(Fault.WRONG_CONTEXT,
        ((io.e2relay.protocol.record.Reading.Unreadable<EpochChain>) chain.next(read, group.directory)).fault());
  }

  @Test
  void a_pending_member_gets_nothing_until_it_is_active() {
    MadeEpoch with = group.maker(group.alice).next(group.epoch.chain(), group.epoch.key(), EpochReason.ADDED,
        List.of(TestGroup.admin(group.alice), TestGroup.pending(group.carol)), TestUser.NOW_MS);
    assertEquals(Set.of(group.alice.uid()), with.wraps().keySet());
    MadeEpoch active = group.maker(group.alice).next(with.chain(), with.key(), EpochReason.ACTIVATED,
        List.of(TestGroup.admin(group.alice), TestGroup.member(group.carol)), TestUser.NOW_MS);
    assertOpens(active, group.carol);
  }

  @Test
  void a_wrong_wrap_convicts_nobody() {
    ByteString wrap = group.epoch.wrapFor(group.bob.uid());
    refused(Fault.CANNOT_OPEN, Optional.empty(), group.bob.opening().open(group.epoch.record(), flipped(wrap, 70)));
    group.bob.generations.clear();
    refused(Fault.CANNOT_OPEN, Optional.empty(), group.bob.opening().open(group.epoch.record(), wrap));
  }

  @Test
  void an_entry_of_mine_that_I_never_made_is_a_ghost() {
    EpochOpening stranger = new EpochOpening(group.bob.uid(), group.alice.ownRecords(), group.bob.generations);
    refused(Fault.GHOST_KEY, Optional.of(new Opening.Evidence.OfEpoch(group.epoch.record())),
        stranger.open(group.epoch.record(), group.epoch.wrapFor(group.bob.uid())));
  }

  @Test
  void with_full_history_the_newest_key_leads_to_all_before() {
    MadeEpoch first = group.epoch;
    MadeEpoch second = group.next(EpochReason.PERIODIC, group.bob);
    MadeEpoch third = group.next(EpochReason.ADDED, group.bob, group.carol);
    assertOpens(third, group.carol);
    List<Opening> keys = EpochOpening.history(List.of(first.record(), second.record(), third.record()), third.key());
    assertEquals(List.of(new Opening.Opened(second.key()), new Opening.Opened(first.key())), keys);
  }

  @Test
  void a_history_with_another_key_stops_there_and_names_who_linked_it() {
    MadeEpoch first = group.epoch;
    MadeEpoch second = group.maker(group.alice).next(first.chain(), SymmetricKey.generate(), EpochReason.PERIODIC,
        List.of(TestGroup.admin(group.alice)), TestUser.NOW_MS);
    MadeEpoch third = group.maker(group.alice).next(second.chain(), second.key(), EpochReason.PERIODIC,
        List.of(TestGroup.admin(group.alice)), TestUser.NOW_MS);
    List<Opening> keys = EpochOpening.history(List.of(first.record(), second.record(), third.record()), third.key());
    assertEquals(
        List.of(new Opening.Opened(second.key()),
            new Opening.Refused(Fault.BAD_COMMITMENT, Optional.of(new Opening.Evidence.OfEpoch(second.record())))),
        keys);
    assertEquals(Fault.CANNOT_OPEN,
        ((Opening.Refused) EpochOpening.history(List.of(first.record(), second.record()), third.key()).getFirst())
            .fault());
  }

  @Test
  void without_full_history_nothing_leads_back() {
    TestGroup strict = new TestGroup(HistoryPolicy.FROM_JOIN);
    MadeEpoch first = strict.epoch;
    MadeEpoch second = strict.next(EpochReason.PERIODIC, strict.bob);
    assertTrue(second.record().statement().histLink().isEmpty());
    assertEquals(List.of(), EpochOpening.history(List.of(first.record(), second.record()), second.key()));
  }

  @Test
  void a_newer_key_of_a_member_gets_the_epochs_key_by_a_grant() {
    MadeEpoch epoch = group.epoch;
    group.bob.rotate();
    MadeGrant made = group.maker(group.alice).grant(epoch.record(), epoch.record(), epoch.key(), group.bob.uid(),
        GrantKind.REWRAP, TestUser.NOW_MS);
    assertEquals(new Opening.Opened(epoch.key()), group.bob.opening().open(made.grant(), epoch.record(), made.wrap()));
    refused(Fault.CANNOT_OPEN, Optional.empty(), group.carol.opening().open(made.grant(), epoch.record(), made.wrap()));
    refused(Fault.CANNOT_OPEN, Optional.empty(), group.bob.opening().open(epoch.record(), made.wrap()));
    MadeGrant wrong = group.maker(group.alice).grant(epoch.record(), epoch.record(), SymmetricKey.generate(),
        group.bob.uid(), GrantKind.REWRAP, TestUser.NOW_MS);
    refused(Fault.BAD_COMMITMENT, Optional.of(new Opening.Evidence.OfGrant(wrong.grant())),
        group.bob.opening().open(wrong.grant(), epoch.record(), wrong.wrap()));
  }

  @Test
  void history_is_granted_to_whoever_is_active_now() {
    TestGroup strict = new TestGroup(HistoryPolicy.FROM_JOIN);
    MadeEpoch first = strict.epoch;
    MadeEpoch second = strict.next(EpochReason.ADDED, strict.bob, strict.carol);
    MadeGrant made = strict.maker(strict.bob).grant(first.record(), second.record(), first.key(), strict.carol.uid(),
        GrantKind.HISTORY, TestUser.NOW_MS);
    assertEquals(new Opening.Opened(first.key()),
        strict.carol.opening().open(made.grant(), first.record(), made.wrap()));
    assertEquals(Fault.NOT_ALLOWED.name(),
        assertThrows(IllegalArgumentException.class, () -> strict.maker(strict.bob).grant(first.record(),
            second.record(), first.key(), strict.carol.uid(), GrantKind.REWRAP, TestUser.NOW_MS)).getMessage());
  }

  @Test
  void a_conversation_without_anybody_who_has_the_key_is_restarted() {
    group.alice.reset();
    assertEquals(Fault.NOT_A_SIGNER.name(),
        assertThrows(IllegalArgumentException.class, () -> restart(group.alice)).getMessage(), "Bob still has it");
    group.bob.reset();
    MadeEpoch again = restart(group.bob);
    assertTrue(again.record().statement().histLink().isEmpty());
    assertOpens(again, group.alice);
    assertOpens(again, group.bob);
  }

  @Test
  void what_the_roster_forbids_is_not_made() {
    assertEquals(Fault.NOT_ALLOWED.name(),
        assertThrows(IllegalArgumentException.class,
            () -> group.maker(group.bob).next(group.epoch.chain(), group.epoch.key(), EpochReason.ADDED,
                List.of(TestGroup.admin(group.alice), TestGroup.member(group.carol)), TestUser.NOW_MS))
            .getMessage());
    Policy policy = new Policy(HistoryPolicy.FULL, AddPolicy.ADMINS, RewrapPolicy.CONFIRM);
    assertEquals(Fault.OUT_OF_RANGE.name(), assertThrows(IllegalArgumentException.class,
        () -> group.maker(group.alice).begin(TestGroup.settings(policy), List.of(), TestUser.NOW_MS)).getMessage());
  }

  private MadeEpoch restart(TestUser by) {
    return group.maker(by).restart(group.epoch.chain(),
        List.of(TestGroup.admin(group.alice), TestGroup.member(group.bob)), TestUser.NOW_MS);
  }

  private static void assertOpens(MadeEpoch epoch, TestUser user) {
    assertEquals(new Opening.Opened(epoch.key()), user.opening().open(epoch.record(), epoch.wrapFor(user.uid())));
  }

  private static void refused(Fault fault, Optional<Opening.Evidence> evidence, Opening opening) {
    assertEquals(new Opening.Refused(fault, evidence), opening);
  }
}
