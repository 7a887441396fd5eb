// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import java.util.Set;

/// Where a user stands: how often their list changed, and what their account is.
///
/// @param accountSeq 0 for who has no account
/// @param devices of the newest record but the retired ones
public record UserState(Uid uid, long version, long accountSeq, Set<DeviceId> devices) {
  public UserState {
    devices = Set.copyOf(devices);
  }
}
