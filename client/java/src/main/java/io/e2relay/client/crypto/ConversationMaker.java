// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.GenesisStatement;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.verify.GrantCheck;
import io.e2relay.protocol.verify.KeyCommitment;
import io.e2relay.protocol.verify.Verdict;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes conversations, their epochs, and grants, as a device of a user. Keys are wrapped to the newest records that
/// the accounts have, so these are verified; what is made is verified too: an IllegalArgumentException names its fault.
public final class ConversationMaker {
  private static final Comparator<ByteString> UNSIGNED = ByteString.unsignedLexicographicalComparator();

  private final Randomness randomness;
  private final DeviceKeys keys;
  private final AccountRecord own;
  private final Accounts accounts;

  public ConversationMaker(DeviceKeys keys, AccountRecord own, Accounts accounts) {
    this(Randomness.SECURE, keys, own, accounts);
  }

  ConversationMaker(Randomness randomness, DeviceKeys keys, AccountRecord own, Accounts accounts) {
    this.randomness = randomness;
    this.keys = keys;
    this.own = own;
    this.accounts = accounts;
  }

  /// What a conversation is to be for good. A predecessor of zeros is none.
  public record Settings(ConversationType type, Policy policy, long initialTtlS, ConversationId predecessor) {
  }

  /// A conversation and its first epoch.
  public MadeEpoch begin(Settings settings, List<RosterMember> roster, long nowMs) {
    GenesisStatement statement = new GenesisStatement(own.statement().tenant(), settings.type(), signer(), own.hash(),
        randomness.bytes(GenesisStatement.NONCE_BYTES), settings.predecessor(), settings.policy(),
        settings.initialTtlS(), nowMs);
    Genesis genesis = new Genesis(statement, keys.signing().sign(randomness, "genesis", statement.tbs()));
    if (EpochChain.genesis(genesis, accounts) instanceof Verdict.Invalid(Fault fault)) {
      throw new IllegalArgumentException(fault.name());
    }
    return epoch(genesis, Optional.empty(), Optional.empty(), new Change(EpochReason.CREATED, roster, nowMs));
  }

  /// The next epoch, with a key of its own. Where the history is full, it leads to the key before.
  public MadeEpoch next(EpochChain chain, SymmetricKey before, EpochReason reason, List<RosterMember> roster,
      long nowMs) {
    boolean full = chain.genesis().statement().policy().history() == HistoryPolicy.FULL;
    return epoch(chain.genesis(), Optional.of(chain), Optional.of(before).filter(_ -> full),
        new Change(reason, roster, nowMs));
  }

  /// The next epoch after everybody who had the key was reset; nothing leads back from it.
  public MadeEpoch restart(EpochChain chain, List<RosterMember> roster, long nowMs) {
    return epoch(chain.genesis(), Optional.of(chain), Optional.empty(),
        new Change(EpochReason.RESTARTED, roster, nowMs));
  }

  /// Gives an epoch's key to somebody, by its newest record.
  public MadeGrant grant(EpochRecord epoch, EpochRecord newest, SymmetricKey key, Uid grantee, GrantKind kind,
      long nowMs) {
    AccountRecord to = known(grantee);
    GrantStatement statement = new GrantStatement(epoch.statement().conversation(), epoch.statement().epoch(),
        epoch.hash(), grantee, accountKey(to), kind, signer(), nowMs);
    Grant grant = new Grant(statement, keys.signing().sign(randomness, "grant", statement.tbs()));
    if (GrantCheck.verify(grant, epoch, newest, accounts) instanceof Verdict.Invalid(Fault fault)) {
      throw new IllegalArgumentException(fault.name());
    }
    var what = new Wrapping.ConversationWrap(statement.conversation(), statement.epoch(), grantee,
        statement.account().aekGen(), statement.hash());
    return new MadeGrant(grant, Wrapping.wrap(randomness, key, to.statement().aek(), what));
  }

  private record Change(EpochReason reason, List<RosterMember> roster, long nowMs) {
  }

  private MadeEpoch epoch(Genesis genesis, Optional<EpochChain> chain, Optional<SymmetricKey> before, Change change) {
    ConversationId conversation = genesis.statement().conversation();
    Epoch epoch = chain.map(known -> known.last().statement().epoch().next()).orElse(Epoch.FIRST);
    SymmetricKey key = SymmetricKey.generate(randomness);
    ByteString histLink = before.map(previous -> Sealing.seal(randomness, key, Sealing.Label.HISTORY,
        EpochOpening.historyContext(conversation, epoch), previous.toByteString())).orElse(ByteString.EMPTY);
    List<RosterEntry> roster = change.roster().stream()
        .sorted(Comparator.comparing(member -> member.uid().bytes(), UNSIGNED)).map(member -> entry(chain, member))
        .toList();
    EpochStatement statement = new EpochStatement(conversation, epoch,
        chain.map(known -> known.last().hash()).orElseGet(() -> genesis.statement().hash()), change.reason(), signer(),
        KeyCommitment.of(key.toByteString(), conversation, epoch), histLink, roster, change.nowMs());
    EpochRecord record = new EpochRecord(statement, keys.signing().sign(randomness, "epoch", statement.tbs()));
    Reading<EpochChain> verified = chain.map(known -> known.next(record, accounts))
        .orElseGet(() -> EpochChain.from(genesis, record, accounts));
    return switch (verified) {
      case Reading.Read<EpochChain>(EpochChain extended) -> new MadeEpoch(extended, key, wraps(record, key));
      case Reading.Unreadable<EpochChain>(Fault fault) -> throw new IllegalArgumentException(fault.name());
    };
  }

  /// Whoever waits keeps the account under which the others knew them: so a reset since then shows to everybody.
  private RosterEntry entry(Optional<EpochChain> chain, RosterMember member) {
    Optional<AccountKey> before = chain.flatMap(known -> known.last().statement().entry(member.uid()))
        .map(RosterEntry::account).filter(_ -> member.state() == RosterState.PENDING);
    AccountKey account = before.or(() -> accounts.newest(member.uid()).map(ConversationMaker::accountKey))
        .orElse(AccountKey.NONE);
    return new RosterEntry(member.uid(), member.role(), member.state(), account);
  }

  /// For the active members and nobody else.
  Map<Uid, ByteString> wraps(EpochRecord record, SymmetricKey key) {
    EpochStatement statement = record.statement();
    // Once: with a thousand members it is the hash of a hundred kilobytes.
    Hash epochHash = record.hash();
    Map<Uid, ByteString> wraps = new HashMap<>();
    for (RosterEntry entry : statement.roster()) {
      if (entry.active()) {
        var what = new Wrapping.ConversationWrap(statement.conversation(), statement.epoch(), entry.uid(),
            entry.account().aekGen(), epochHash);
        wraps.put(entry.uid(), Wrapping.wrap(randomness, key, known(entry.uid()).statement().aek(), what));
      }
    }
    return wraps;
  }

  private AccountRecord known(Uid uid) {
    return accounts.newest(uid).orElseThrow(() -> new IllegalArgumentException("nothing is wrapped for a stranger"));
  }

  private Signer signer() {
    return new Signer(own.statement().uid(), keys.device(), own.statement().seq());
  }

  private static AccountKey accountKey(AccountRecord record) {
    AccountStatement statement = record.statement();
    return new AccountKey(statement.seq(), record.hash(), statement.aekGen());
  }
}
