// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.membership.Roster;
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
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// An epoch of an encrypted conversation as a client would write it down, whose parts a test may set as it likes before
/// it is signed. Its keys open nothing, which no server can see.
public final class Draft {
  private static final ByteString POINT = Owner.point(Owner.pair()).bytes();
  private static final int SEALED_KEY_BYTES = EpochRecord.WRAP_BYTES - POINT.size();

  public final Genesis genesis;
  public Epoch epoch = Epoch.FIRST;
  public Hash prev;
  public EpochReason reason = EpochReason.CREATED;
  public Holder by;
  /// Whose key signs it, if not that of who is said to.
  public @Nullable Holder forger;
  public Supplier<List<ByteString>> wraps = this::honestWraps;
  private @Nullable EpochRecord signed;
  private final TreeMap<Uid, RosterEntry> roster = new TreeMap<>(Roster.ORDER);

  private Draft(Genesis genesis, Holder by) {
    this.genesis = genesis;
    this.by = by;
    this.prev = genesis.statement().hash();
  }

  /// What never changes about a conversation.
  public record Terms(ConversationType type, ConversationId predecessor, HistoryPolicy history, AddPolicy add) {
    public static final Terms GROUP = new Terms(ConversationType.GROUP, GenesisStatement.NO_PREDECESSOR,
        HistoryPolicy.FULL, AddPolicy.ANY_MEMBER);
    public static final Terms DIRECT = new Terms(ConversationType.DIRECT, GenesisStatement.NO_PREDECESSOR,
        HistoryPolicy.FULL, AddPolicy.ADMINS);

    public Terms after(ConversationId open) {
      return new Terms(type, open, history, add);
    }

    public Terms fromJoin() {
      return new Terms(type, predecessor, HistoryPolicy.FROM_JOIN, add);
    }

    public Terms addedByAdmins() {
      return new Terms(type, predecessor, history, AddPolicy.ADMINS);
    }
  }

  /// A conversation with its creator as the only member, and admin.
  public static Draft of(Terms terms, Holder creator) {
    GenesisStatement statement = new GenesisStatement(creator.owner.tenant, terms.type(), creator.signer(),
        creator.account().hash(), Owner.random(GenesisStatement.NONCE_BYTES), terms.predecessor(),
        new Policy(terms.history(), terms.add(), RewrapPolicy.CONFIRM), 0, creator.owner.nowMs);
    return new Draft(new Genesis(statement, creator.sign("genesis", statement.tbs())), creator).admin(creator);
  }

  /// A group of an admin and members.
  public static Draft group(Holder admin, Holder... members) {
    Draft draft = of(Terms.GROUP, admin);
    List.of(members).forEach(draft::member);
    return draft;
  }

  public static Draft direct(Holder one, Holder other) {
    return of(Terms.DIRECT, one).admin(other);
  }

  public Draft admin(Holder who) {
    return with(new RosterEntry(who.uid(), RosterRole.ADMIN, RosterState.ACTIVE, who.key()));
  }

  public Draft member(Holder who) {
    return with(new RosterEntry(who.uid(), RosterRole.MEMBER, RosterState.ACTIVE, who.key()));
  }

  /// Somebody who has no account yet.
  public Draft pending(Uid uid) {
    return with(new RosterEntry(uid, RosterRole.MEMBER, RosterState.PENDING, AccountKey.NONE));
  }

  public Draft with(RosterEntry entry) {
    roster.put(entry.uid(), entry);
    return this;
  }

  public Draft without(Uid uid) {
    roster.remove(uid);
    return this;
  }

  public Draft by(Holder who) {
    by = who;
    return this;
  }

  /// The epoch after this one, with the same roster and by the same member.
  public Draft next(EpochReason why) {
    Draft next = new Draft(genesis, by);
    next.epoch = epoch.next();
    next.prev = record().hash();
    next.reason = why;
    next.roster.putAll(roster);
    return next;
  }

  public Draft next() {
    return next(EpochReason.BY_USER);
  }

  public ConversationId id() {
    return genesis.statement().conversation();
  }

  public EpochStatement statement() {
    return new EpochStatement(id(), epoch, prev, reason, by.signer(), new Hash(Owner.random(Hash.BYTES)),
        ByteString.EMPTY, List.copyOf(roster.values()), by.owner.nowMs);
  }

  /// The same every time: from then on nothing can be set any more.
  public EpochRecord record() {
    if (signed == null) {
      EpochStatement statement = statement();
      signed = new EpochRecord(statement, (forger == null ? by : forger).sign("epoch", statement.tbs()));
    }
    return signed;
  }

  public Sealed sealed() {
    return new Sealed(record(), wraps.get());
  }

  public EpochPut put() {
    return new EpochPut(by.author(), id(), sealed());
  }

  public Foundation foundation() {
    return new Foundation(by.author(), genesis, sealed());
  }

  public static ByteString wrap() {
    return POINT.concat(Owner.random(SEALED_KEY_BYTES));
  }

  private List<ByteString> honestWraps() {
    return record().statement().roster().stream().filter(RosterEntry::active).map(_ -> wrap()).toList();
  }
}
