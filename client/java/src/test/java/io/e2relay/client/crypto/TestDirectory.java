// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.verify.Accounts;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// All records of some users, as they are now.
record TestDirectory(List<TestUser> users) implements Accounts {
  static TestDirectory of(TestUser... users) {
    return new TestDirectory(List.of(users));
  }

  @Override
  public Optional<AccountRecord> record(Uid uid, long seq) {
    return of(uid).flatMap(user -> user.records.stream()).filter(record -> record.statement().seq() == seq).findFirst();
  }

  @Override
  public Optional<AccountRecord> newest(Uid uid) {
    return of(uid).findFirst().map(TestUser::record);
  }

  private Stream<TestUser> of(Uid uid) {
    return users.stream().filter(user -> user.uid().equals(uid));
  }
}
