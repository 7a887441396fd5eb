// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import java.util.ArrayList;
import java.util.List;

/// A conversation of which Alice is the admin and Bob a member; Carol can come later.
final class TestGroup {
  final TestUser alice = new TestUser(0xaa);
  final TestUser bob = new TestUser(0xbb);
  final TestUser carol = new TestUser(0xcc);
  final TestDirectory directory = TestDirectory.of(alice, bob, carol);
  MadeEpoch epoch;

  TestGroup(HistoryPolicy history) {
    Policy policy = new Policy(history, AddPolicy.ADMINS, RewrapPolicy.HISTORY);
    epoch = maker(alice).begin(settings(policy), List.of(member(bob), admin(alice)), TestUser.NOW_MS);
  }

  static ConversationMaker.Settings settings(Policy policy) {
    return new ConversationMaker.Settings(ConversationType.GROUP, policy, 0, GenesisStatement.NO_PREDECESSOR);
  }

  ConversationMaker maker(TestUser by) {
    return new ConversationMaker(by.keys, by.record(), directory);
  }

  /// The next epoch by Alice, with these members beside her.
  MadeEpoch next(EpochReason reason, TestUser... others) {
    List<RosterMember> roster = new ArrayList<>(List.of(admin(alice)));
    for (TestUser other : others) {
      roster.add(member(other));
    }
    epoch = maker(alice).next(epoch.chain(), epoch.key(), reason, roster, TestUser.NOW_MS);
    return epoch;
  }

  MessageMaker messages(TestUser by) {
    return new MessageMaker(by.uid(), by.keys, epoch.record(), epoch.key());
  }

  MessageOpening opening() {
    return new MessageOpening(epoch.record(), epoch.key());
  }

  static RosterMember admin(TestUser user) {
    return new RosterMember(user.uid(), RosterRole.ADMIN, RosterState.ACTIVE);
  }

  static RosterMember member(TestUser user) {
    return new RosterMember(user.uid(), RosterRole.MEMBER, RosterState.ACTIVE);
  }

  static RosterMember pending(TestUser user) {
    return new RosterMember(user.uid(), RosterRole.MEMBER, RosterState.PENDING);
  }
}
