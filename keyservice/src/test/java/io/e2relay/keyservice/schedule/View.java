// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import io.e2relay.keyservice.epoch.EpochDesk;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.verify.Accounts;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The tables as somebody has read them: a transaction a moment ago, or a client some time ago.
record View(long version, Conversation now, EpochRecord last, Map<Uid, AccountRecord> newest, Accounts records) {

  static View of(Tables tables) {
    return new View(tables.version(), tables.now(), tables.epochs.getLast().record(), tables.newest(),
        new AccountsOf(tables));
  }

  /// Records never change, so those that are there later do no harm.
  private record AccountsOf(Tables tables) implements Accounts {
    @Override
    public Optional<AccountRecord> record(Uid uid, long seq) {
      return tables.accounts(uid).stream().map(Tables.AccountRow::record)
          .filter(record -> record.statement().seq() == seq).findFirst();
    }

    @Override
    public Optional<AccountRecord> newest(Uid uid) {
      return Optional.ofNullable(tables.newest(uid));
    }
  }

  EpochDesk.Read read() {
    return read(newest, records);
  }

  static EpochDesk.Read read(Map<Uid, AccountRecord> newest, Accounts records) {
    Map<Uid, AccountKey> keys = new HashMap<>();
    newest.forEach((uid, record) -> keys.put(uid, Citizen.key(record)));
    return new EpochDesk.Read(keys, Set.of(), records);
  }

  /// Of the accounts of a tenant before there is a conversation.
  static EpochDesk.Read read(Tables tables) {
    return read(tables.newest(), new AccountsOf(tables));
  }
}
