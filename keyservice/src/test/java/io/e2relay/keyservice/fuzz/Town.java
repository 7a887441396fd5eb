// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.fuzz;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.epoch.EpochDesk;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.KeyGeneration;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.keyservice.schedule.Citizen;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What the tables hold when a request comes, the same each time: accounts, an encrypted conversation in its second
/// epoch, and an open one. Anne leads, Bob is a member, Cara waits for a key, Dora is no member, and Emil has no
/// account.
final class Town implements Accounts {
  final Citizen anne = new Citizen(1);
  final Citizen bob = new Citizen(2);
  final Citizen cara = new Citizen(3);
  final Citizen dora = new Citizen(4);
  final Citizen emil = new Citizen(5);
  final AccountRecord turned = anne.next(anne.first, AccountKind.AEK_ROTATED, 0);
  final Map<Uid, List<AccountRecord>> chains = Map.of(anne.uid, List.of(anne.first, turned), bob.uid,
      List.of(bob.first), cara.uid, List.of(cara.first), dora.uid, List.of(dora.first));
  final RosterEntry leading = Papers.active(RosterRole.ADMIN, turned);
  final RosterEntry member = Papers.active(RosterRole.MEMBER, bob.first);
  final Genesis genesis = Papers.genesis(anne, turned, ConversationType.GROUP, GenesisStatement.NO_PREDECESSOR);
  final EpochRecord first = Papers.first(genesis, anne, turned, leading, member, Papers.pending(cara.uid));
  final EpochRecord second = Papers.next(first, bob, bob.first, EpochReason.BY_USER, leading, member,
      Papers.pending(cara.uid));
  final Conversation sealed = new Conversation(genesis.statement().conversation(), Named.TENANT,
      TrustLevel.TRUST_LEVEL_E2EE, History.HISTORY_FROM_JOIN, new Epoch(2),
      new Roster(List.of(member(anne.uid, Role.ROLE_ADMIN, turned), member(bob.uid, Role.ROLE_MEMBER, bob.first),
          new Member(cara.uid, Role.ROLE_MEMBER, MemberState.MEMBER_STATE_PENDING, new KeyGeneration(0, 0)))),
      ByteString.EMPTY, Phase.OPEN, new Encryption(genesis, second.hash()));
  final Conversation open = new Conversation(Named.conversation(9), Named.TENANT, TrustLevel.TRUST_LEVEL_OPEN,
      History.HISTORY_FULL, new Epoch(3),
      new Roster(List.of(new Member(anne.uid, Role.ROLE_ADMIN, MemberState.MEMBER_STATE_ACTIVE),
          new Member(bob.uid, Role.ROLE_MEMBER, MemberState.MEMBER_STATE_ACTIVE))),
      Owner.random(16), Phase.OPEN, null);

  private static Member member(Uid uid, Role role, AccountRecord account) {
    return new Member(uid, role, MemberState.MEMBER_STATE_ACTIVE,
        new KeyGeneration(account.statement().seq(), account.statement().aekGen()));
  }

  EpochDesk.Read read() {
    Map<Uid, AccountKey> newest = new HashMap<>();
    chains.forEach((uid, chain) -> newest.put(uid, Citizen.key(chain.getLast())));
    return new EpochDesk.Read(newest, Set.of(), this);
  }

  List<AccountRecord> chain(Uid uid) {
    return chains.getOrDefault(uid, List.of());
  }

  @Override
  public Optional<AccountRecord> record(Uid uid, long seq) {
    return chain(uid).stream().filter(record -> record.statement().seq() == seq).findFirst();
  }

  @Override
  public Optional<AccountRecord> newest(Uid uid) {
    return chain(uid).isEmpty() ? Optional.empty() : Optional.of(chain(uid).getLast());
  }
}
