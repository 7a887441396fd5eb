// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import io.e2relay.protocol.error.ErrorCode;

/// Whether this user may send to this conversation, and under which epoch.
public sealed interface Placed {
  /// The user is in the roster of this epoch. In an open conversation the service may choose the epoch itself.
  record In(long epoch, boolean open) implements Placed {
  }

  record Out(ErrorCode code, long currentEpoch) implements Placed {
  }
}
