// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import java.util.List;

/// Records as whoever carries frames reads them.
final class Records {
  private Records() {
  }

  static EpochRecord epoch(ByteString bytes) {
    return value(EpochRecord.read(bytes));
  }

  static AccountRecord account(ByteString bytes) {
    return value(AccountRecord.read(bytes));
  }

  /// An account from its first record on.
  static AccountChain chain(List<ByteString> records) {
    AccountChain chain = value(AccountChain.from(account(records.getFirst())));
    for (ByteString record : records.subList(1, records.size())) {
      chain = value(chain.next(account(record)));
    }
    return chain;
  }

  static <T> T value(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(var fault) -> throw new AssertionError("does not read: " + fault);
    };
  }
}
