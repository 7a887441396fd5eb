// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import io.e2relay.protocol.record.Device;
import java.time.Duration;

/// What the service has seen of a device.
///
/// @param retiredSeq the account's newest record when the device said that it is done; 0 where it never did
public record DeviceUse(long seenMs, long retiredSeq) {
  private static final Duration NOTED_EVERY = Duration.ofDays(1);

  /// A device that retired is back once a later record added it anew.
  public boolean retired(Device entry) {
    return entry.addedSeq() <= retiredSeq;
  }

  /// Whether it is time to note that the device is here.
  public boolean stale(long nowMs) {
    return nowMs - seenMs >= NOTED_EVERY.toMillis();
  }
}
