// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.Hmac;
import io.e2relay.protocol.verify.KeyCommitment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// Opens the keys that others made for a user, from records whose chains were verified; no key is handed out before it
/// is the one that its record commits to.
public final class EpochOpening {
  private final Uid me;
  private final Set<Hash> ownRecords;
  private final SortedMap<Long, AgreementKey> generations;

  /// Me: the hashes of all my own AccountRecords, and my keys by their generation.
  public EpochOpening(Uid me, Set<Hash> ownRecords, SortedMap<Long, AgreementKey> generations) {
    this.me = me;
    this.ownRecords = Set.copyOf(ownRecords);
    this.generations = generations;
  }

  /// The key of an epoch, from its wrap for me: GHOST_KEY, CANNOT_OPEN, BAD_COMMITMENT.
  public Opening open(EpochRecord record, ByteString wrap) {
    EpochStatement statement = record.statement();
    Opening.Evidence evidence = new Opening.Evidence.OfEpoch(record);
    Optional<AccountKey> mine = statement.entry(me).map(entry -> entry.account())
        .filter(account -> !account.equals(AccountKey.NONE));
    if (mine.isEmpty()) {
      return new Opening.Refused(Fault.CANNOT_OPEN, Optional.empty());
    }
    AccountKey account = mine.get();
    if (!ownRecords.contains(account.accountHash())) {
      return new Opening.Refused(Fault.GHOST_KEY, Optional.of(evidence));
    }
    return opened(record, evidence,
        new Wrapping.ConversationWrap(statement.conversation(), statement.epoch(), me, account.aekGen(), record.hash()),
        wrap);
  }

  /// The key of an epoch that a verified grant gives me.
  public Opening open(Grant grant, EpochRecord epoch, ByteString wrap) {
    GrantStatement statement = grant.statement();
    if (!statement.grantee().equals(me)) {
      return new Opening.Refused(Fault.CANNOT_OPEN, Optional.empty());
    }
    return opened(epoch, new Opening.Evidence.OfGrant(grant), new Wrapping.ConversationWrap(statement.conversation(),
        statement.epoch(), me, statement.account().aekGen(), statement.hash()), wrap);
  }

  /// The keys before an epoch's, the nearest first, as far back as the records (of the epochs up to this one, in order)
  /// lead. It ends with the first that does not open or is not the one committed to.
  public static List<Opening> history(List<EpochRecord> upTo, SymmetricKey key) {
    List<Opening> keys = new ArrayList<>();
    SymmetricKey current = key;
    for (int i = upTo.size() - 1; i > 0; i--) {
      EpochRecord record = upTo.get(i);
      if (record.statement().histLink().isEmpty()) {
        break;
      }
      Opening before = before(record, upTo.get(i - 1), current);
      keys.add(before);
      if (!(before instanceof Opening.Opened(SymmetricKey found))) {
        break;
      }
      current = found;
    }
    return keys;
  }

  static ByteString historyContext(ConversationId conversation, Epoch epoch) {
    return new Joined().bytes(conversation.bytes()).u32(epoch.value() - 1).toByteString();
  }

  private static Opening before(EpochRecord record, EpochRecord before, SymmetricKey key) {
    EpochStatement statement = record.statement();
    Opening.Evidence evidence = new Opening.Evidence.OfEpoch(record);
    Reading<ByteString> opened = Sealing.open(key, Sealing.Label.HISTORY,
        historyContext(statement.conversation(), statement.epoch()), statement.histLink());
    return switch (opened) {
      // The link is part of what was signed, so that it does not open is its signer's doing.
      case Reading.Unreadable<ByteString>(Fault fault) -> new Opening.Refused(fault, Optional.of(evidence));
      case Reading.Read<ByteString>(ByteString bytes) -> committed(SymmetricKey.read(bytes), before, evidence);
    };
  }

  private Opening opened(EpochRecord record, Opening.Evidence evidence, Wrapping.ConversationWrap what,
      ByteString wrap) {
    AgreementKey aek = generations.get(what.aekGeneration());
    if (aek == null) {
      return new Opening.Refused(Fault.CANNOT_OPEN, Optional.empty());
    }
    return committed(Wrapping.unwrap(aek, what, wrap), record, evidence);
  }

  private static Opening committed(Reading<SymmetricKey> opened, EpochRecord record, Opening.Evidence evidence) {
    EpochStatement statement = record.statement();
    return switch (opened) {
      // The service may have spoilt the wrap: this convicts nobody.
      case Reading.Unreadable<SymmetricKey>(Fault fault) -> new Opening.Refused(fault, Optional.empty());
      case Reading.Read<SymmetricKey>(SymmetricKey key) -> {
        Hash commitment = KeyCommitment.of(key.toByteString(), statement.conversation(), statement.epoch());
        yield Hmac.equal(commitment.bytes(), statement.keyCommitment().bytes())
            ? new Opening.Opened(key)
            : new Opening.Refused(Fault.BAD_COMMITMENT, Optional.of(evidence));
      }
    };
  }
}
