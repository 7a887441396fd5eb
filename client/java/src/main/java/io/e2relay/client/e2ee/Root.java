// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.BackupDraft;
import io.e2relay.client.crypto.Bundle;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// An account's root key while it is at hand, with the backup it came from, if it came from one.
record Root(SigningKey key, SortedMap<Long, AgreementKey> generations, Optional<BackupDesk.Found> backup) {

  /// From a backup, as far as it is the one of these verified records: ROLLED_BACK if the records shown are older than
  /// the backup, FORKED if they are others, KEY_MISMATCH if a key is not the one they name.
  static Reading<Root> of(BackupDesk.Found found, List<AccountRecord> records) {
    Bundle bundle = found.bundle();
    if (bundle.accountSeq() > records.size()) {
      return new Reading.Unreadable<>(Fault.ROLLED_BACK);
    }
    if (!records.get((int) bundle.accountSeq() - 1).hash().equals(bundle.recordHash())) {
      return new Reading.Unreadable<>(Fault.FORKED);
    }
    return switch (bundle.accountKey(records.getLast().statement().ark())) {
      case Reading.Unreadable<SigningKey>(Fault fault) -> new Reading.Unreadable<>(fault);
      case Reading.Read<SigningKey>(SigningKey key) -> of(found, key, records);
    };
  }

  /// Generations that no record names were made for a change that never happened.
  private static Reading<Root> of(BackupDesk.Found found, SigningKey key, List<AccountRecord> records) {
    SortedMap<Long, Point> named = new TreeMap<>();
    records.forEach(record -> named.put(record.statement().aekGen(), record.statement().aek()));
    SortedMap<Long, AgreementKey> generations = new TreeMap<>();
    for (long generation : found.bundle().generations()) {
      Point expected = named.get(generation);
      if (expected == null) {
        continue;
      }
      switch (found.bundle().generation(generation, expected)) {
        case Reading.Read<AgreementKey>(AgreementKey aek) -> generations.put(generation, aek);
        case Reading.Unreadable<AgreementKey>(Fault fault) -> {
          return new Reading.Unreadable<>(fault);
        }
      }
    }
    return new Reading.Read<>(new Root(key, generations, Optional.of(found)));
  }

  /// The backup's next bundle, behind this record, with all generations that are known.
  Bundle bundle(AccountRecord newest, SortedMap<Long, AgreementKey> known) {
    SortedMap<Long, AgreementKey> all = new TreeMap<>(known);
    all.putAll(generations);
    return Bundle.of(newest.hash(), newest.statement().seq(), key, backup.orElseThrow().bundle().recoveryCode(), all);
  }

  /// The same account under a new password.
  BackupDraft draft(Account owner, AccountRecord newest, SortedMap<Long, AgreementKey> known, String newPassword) {
    return BackupDraft.following(owner, backup.orElseThrow().seq(), newPassword, bundle(newest, known));
  }

  @Override
  public String toString() {
    return "Root[secret]";
  }
}
