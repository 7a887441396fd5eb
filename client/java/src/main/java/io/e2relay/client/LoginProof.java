// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import io.e2relay.protocol.wire.Challenge;
import io.e2relay.protocol.wire.DeviceLogin;
import java.util.Optional;

/// How a device shows on each connection that it is the one it says it is. Asked on an event loop: it does not wait.
public interface LoginProof {
  /// What it signs for this challenge; nothing while it belongs to no account.
  Optional<DeviceLogin> prove(Challenge challenge);
}
