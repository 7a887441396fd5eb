// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Encryption;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Accounts that the rules may look at.
final class Town {
  static final long NOW = EpochsContract.NOW;
  static final TenantId TENANT = EpochsContract.TENANT;

  private final Map<Uid, TreeMap<Long, AccountRecord>> records = new HashMap<>();
  private final Set<Uid> barred = new HashSet<>();

  Holder holder() {
    return kept(new Holder(TENANT, EpochsContract.nobody(), NOW));
  }

  /// Somebody who may be in no roster here.
  Holder barred() {
    Holder holder = holder();
    barred.add(holder.uid());
    return holder;
  }

  void turn(Holder holder) {
    kept(holder.turn());
  }

  void reset(Holder holder) {
    kept(holder.reset());
  }

  private Holder kept(Holder holder) {
    records.computeIfAbsent(holder.uid(), _ -> new TreeMap<>()).put(holder.account().statement().seq(),
        holder.account());
    return holder;
  }

  Holders holders() {
    Map<Uid, AccountKey> newest = new HashMap<>();
    records.forEach((uid, chain) -> {
      AccountRecord last = chain.lastEntry().getValue();
      newest.put(uid, new AccountKey(last.statement().seq(), last.hash(), last.statement().aekGen()));
    });
    return new Holders(newest, barred, new Accounts() {
      @Override
      public Optional<AccountRecord> record(Uid uid, long seq) {
        return Optional.ofNullable(records.getOrDefault(uid, new TreeMap<>()).get(seq));
      }

      @Override
      public Optional<AccountRecord> newest(Uid uid) {
        return Optional.ofNullable(records.get(uid)).map(chain -> chain.lastEntry().getValue());
      }
    });
  }

  /// A conversation whose epoch this record has opened.
  static Conversation conversation(Draft last) {
    return new Conversation(last.id(), TENANT, TrustLevel.TRUST_LEVEL_E2EE, History.HISTORY_FULL, last.epoch,
        Rosters.roster(last.record().statement()), ByteString.EMPTY, Phase.OPEN,
        new Encryption(last.genesis, last.record().hash()));
  }
}
