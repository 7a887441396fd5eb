// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The accounts: a chain of records for each user who has one.
///
/// Every method waits for its answer and throws [Unavailable] when there is none in time.
public interface Accounts {
  /// The records of an account behind a place, as many as fit.
  record Chain(Uid uid, List<ByteString> records, long lastSeq) {
  }

  /// @param more whether there are others that did not fit
  record Chains(List<Chain> chains, boolean more) {
  }

  /// The account's key for a device, as it came with a record.
  record Wrap(long seq, ByteString wrap) {
  }

  record Wraps(List<Wrap> wraps, boolean more) {
  }

  /// Decides on the record, under the lock of the account, and stores it.
  Stored put(Put put, long nowMs);

  /// What follows the given numbers. Users without an account in this tenant are left out.
  Chains chains(TenantId tenant, Map<Uid, Long> after);

  /// The newest record; null for who has no account.
  @Nullable
  AccountRecord newest(Uid uid);

  /// What was wrapped for a device with the records behind this one.
  Wraps wraps(Uid uid, DeviceId device, long after);
}
