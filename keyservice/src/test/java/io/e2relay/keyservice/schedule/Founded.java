// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.epoch.Draft;
import io.e2relay.keyservice.epoch.Foundation;
import io.e2relay.keyservice.epoch.Sealed;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import java.util.ArrayList;
import java.util.List;

/// A conversation as its founder wishes it, signed once for many schedules.
///
/// @param registered of the people the first have an account
/// @param early the same, for a key of the founder's that is not there yet
record Founded(List<Citizen> people, int registered, Foundation wish, Foundation early) {
  private static final int MEMBERS = 3;

  /// The founder, two members, and somebody who waits; the others stay outside.
  static Founded of(List<Citizen> people, int registered, HistoryPolicy history, AddPolicy add) {
    Citizen founder = people.getFirst();
    AccountRecord later = founder.next(founder.first, AccountKind.AEK_ROTATED, 0);
    return new Founded(people, registered, foundation(people, founder.first, history, add),
        foundation(people, later, history, add));
  }

  Genesis genesis() {
    return wish.genesis();
  }

  private static Foundation foundation(List<Citizen> people, AccountRecord account, HistoryPolicy history,
      AddPolicy add) {
    Citizen founder = people.getFirst();
    GenesisStatement statement = new GenesisStatement(founder.author().tenant(), ConversationType.GROUP,
        founder.signer(account), account.hash(), Owner.random(GenesisStatement.NONCE_BYTES),
        GenesisStatement.NO_PREDECESSOR, new Policy(history, add, RewrapPolicy.HISTORY), 0, Citizen.NOW);
    Genesis genesis = new Genesis(statement, founder.sign("genesis", statement.tbs()));
    List<RosterEntry> roster = new ArrayList<>();
    roster.add(new RosterEntry(founder.uid, RosterRole.ADMIN, RosterState.ACTIVE, Citizen.key(account)));
    people.subList(1, MEMBERS).forEach(
        who -> roster.add(new RosterEntry(who.uid, RosterRole.MEMBER, RosterState.ACTIVE, Citizen.key(who.first))));
    roster.add(new RosterEntry(people.getLast().uid, RosterRole.MEMBER, RosterState.PENDING, AccountKey.NONE));
    EpochStatement first = new EpochStatement(statement.conversation(), Epoch.FIRST, statement.hash(),
        EpochReason.CREATED, founder.signer(account), new Hash(Owner.random(Hash.BYTES)), ByteString.EMPTY, roster,
        Citizen.NOW);
    return new Foundation(founder.author(), genesis,
        new Sealed(new EpochRecord(first, founder.sign("epoch", first.tbs())),
            roster.stream().filter(RosterEntry::active).map(_ -> Draft.wrap()).toList()));
  }
}
