// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The records of some accounts, all of them known.
record TestAccounts(List<AccountRecord> all) implements Accounts {
  static TestAccounts of(TestAccount... accounts) {
    return new TestAccounts(Stream.of(accounts).map(TestAccount::record).toList());
  }

  @Override
  public Optional<AccountRecord> record(Uid uid, long seq) {
    return of(uid).filter(record -> record.statement().seq() == seq).findFirst();
  }

  @Override
  public Optional<AccountRecord> newest(Uid uid) {
    return of(uid).max(Comparator.comparingLong(record -> record.statement().seq()));
  }

  private Stream<AccountRecord> of(Uid uid) {
    return all.stream().filter(record -> record.statement().uid().equals(uid));
  }
}
