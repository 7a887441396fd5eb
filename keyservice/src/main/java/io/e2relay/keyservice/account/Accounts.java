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
import java.util.Set;
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
  ///
  /// @param root the account's root key for it; empty where the account is not strict
  record Wrap(long seq, ByteString wrap, ByteString root) {
  }

  record Wraps(List<Wrap> wraps, boolean more) {
  }

  /// What a login is judged by.
  ///
  /// @param newest record of the user's account; null for who has none
  /// @param use null for a device that never was here
  record Arrival(@Nullable AccountRecord newest, @Nullable DeviceUse use) {
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

  /// Notes what the host says of a user whom it vouches for.
  Arrival arrive(Uid uid, DeviceId device, boolean bot);

  /// Notes that a device was here, or was unlocked; nothing, if the account does not have it.
  void saw(Uid uid, DeviceId device, long nowMs);

  /// Refuses the device from now on, and deletes what was wrapped for it.
  void retire(Uid uid, DeviceId device, long nowMs);

  /// The devices of the newest record but the retired ones.
  Set<DeviceId> devices(Uid uid);

  /// Whether the account's root key is with its devices; never, for who has no account.
  boolean strict(Uid uid);
}
