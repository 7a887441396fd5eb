// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.epoch.Sealed;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
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
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/// An encrypted conversation as its members' clients know it: its records, and the roster of the next one.
public final class Room {
  private static final Comparator<Uid> ORDER = Comparator.comparing(Uid::bytes,
      ByteString.unsignedLexicographicalComparator());

  public final Genesis genesis;
  private final TreeMap<Uid, RosterEntry> roster = new TreeMap<>(ORDER);
  private final List<EpochRecord> records = new ArrayList<>();

  public Room(Person creator, HistoryPolicy history) {
    GenesisStatement statement = new GenesisStatement(Named.TENANT, ConversationType.GROUP, creator.signer(),
        creator.account().hash(), Owner.random(GenesisStatement.NONCE_BYTES), GenesisStatement.NO_PREDECESSOR,
        new Policy(history, AddPolicy.ANY_MEMBER, RewrapPolicy.HISTORY), 0, creator.owner.now());
    genesis = new Genesis(statement, creator.sign("genesis", statement.tbs()));
    with(creator, RosterRole.ADMIN);
  }

  public ConversationId id() {
    return genesis.statement().conversation();
  }

  public Room with(Person... members) {
    Stream.of(members).forEach(member -> with(member, RosterRole.MEMBER));
    return this;
  }

  private void with(Person member, RosterRole role) {
    RosterEntry was = roster.get(member.uid());
    roster.put(member.uid(),
        new RosterEntry(member.uid(), was == null ? role : was.role(), RosterState.ACTIVE, member.key()));
  }

  /// Somebody without an account, as far as the others know.
  public Room waiting(Person... members) {
    Stream.of(members).map(Person::uid)
        .forEach(uid -> roster.put(uid, new RosterEntry(uid, RosterRole.MEMBER, RosterState.PENDING, AccountKey.NONE)));
    return this;
  }

  public Room without(Person member) {
    roster.remove(member.uid());
    return this;
  }

  /// The next record; another one is the next only when this one was `taken`.
  public EpochRecord sign(Person by, EpochReason reason) {
    Epoch epoch = records.isEmpty() ? Epoch.FIRST : records.getLast().statement().epoch().next();
    Hash prev = records.isEmpty() ? genesis.statement().hash() : records.getLast().hash();
    EpochStatement statement = new EpochStatement(id(), epoch, prev, reason, by.signer(),
        new Hash(Owner.random(Hash.BYTES)), ByteString.EMPTY, List.copyOf(roster.values()), by.owner.now());
    return new EpochRecord(statement, by.sign("epoch", statement.tbs()));
  }

  /// The record of an epoch that is open now.
  public EpochRecord taken(EpochRecord record) {
    records.add(record);
    return record;
  }

  public EpochRecord record(int epoch) {
    return records.get(epoch - 1);
  }

  public static Sealed sealed(EpochRecord record) {
    return new Sealed(record,
        record.statement().roster().stream().filter(RosterEntry::active).map(_ -> Person.wrap()).toList());
  }
}
