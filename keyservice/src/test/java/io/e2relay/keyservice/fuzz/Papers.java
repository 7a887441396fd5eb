// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.fuzz;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.epoch.Draft;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.keyservice.schedule.Citizen;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Honest records, as clients sign them.
final class Papers {
  private Papers() {
  }

  static Genesis genesis(Citizen by, AccountRecord account, ConversationType type, ConversationId predecessor) {
    GenesisStatement statement = new GenesisStatement(by.author().tenant(), type, by.signer(account), account.hash(),
        Owner.random(GenesisStatement.NONCE_BYTES), predecessor,
        new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.HISTORY), 0, Citizen.NOW);
    return new Genesis(statement, by.sign("genesis", statement.tbs()));
  }

  static EpochRecord first(Genesis genesis, Citizen by, AccountRecord account, RosterEntry... roster) {
    return signed(by,
        new EpochStatement(genesis.statement().conversation(), Epoch.FIRST, genesis.statement().hash(),
            EpochReason.CREATED, by.signer(account), new Hash(Owner.random(Hash.BYTES)), ByteString.EMPTY,
            sorted(roster), Citizen.NOW));
  }

  static EpochRecord next(EpochRecord before, Citizen by, AccountRecord account, EpochReason reason,
      RosterEntry... roster) {
    EpochStatement last = before.statement();
    return signed(by, new EpochStatement(last.conversation(), last.epoch().next(), before.hash(), reason,
        by.signer(account), new Hash(Owner.random(Hash.BYTES)), ByteString.EMPTY, sorted(roster), Citizen.NOW));
  }

  static Grant grant(Citizen by, AccountRecord account, EpochRecord epoch, RosterEntry to, GrantKind kind) {
    GrantStatement statement = new GrantStatement(epoch.statement().conversation(), epoch.statement().epoch(),
        epoch.hash(), to.uid(), to.account(), kind, by.signer(account), Citizen.NOW);
    return new Grant(statement, by.sign("grant", statement.tbs()));
  }

  static RosterEntry active(RosterRole role, AccountRecord account) {
    return new RosterEntry(account.statement().uid(), role, RosterState.ACTIVE, Citizen.key(account));
  }

  static RosterEntry pending(Uid uid) {
    return new RosterEntry(uid, RosterRole.MEMBER, RosterState.PENDING, AccountKey.NONE);
  }

  static List<ByteString> wraps(EpochRecord record) {
    return record.statement().roster().stream().filter(RosterEntry::active).map(_ -> Draft.wrap()).toList();
  }

  private static EpochRecord signed(Citizen by, EpochStatement statement) {
    return new EpochRecord(statement, by.sign("epoch", statement.tbs()));
  }

  private static List<RosterEntry> sorted(RosterEntry... roster) {
    return Stream.of(roster).sorted(Comparator.comparing(RosterEntry::uid, Roster.ORDER)).toList();
  }
}
