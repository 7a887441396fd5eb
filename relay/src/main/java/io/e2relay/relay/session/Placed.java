// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.Hash;

/// Whether this user may send to this conversation, and under which epoch.
public sealed interface Placed {
  /// The user is in the roster of this epoch of an open conversation: the service may choose the epoch itself.
  record Open(long epoch) implements Placed {
  }

  /// The user is active in the roster of this epoch of an encrypted conversation; its record has this hash.
  record Sealed(long epoch, Hash epochHash) implements Placed {
  }

  record Out(ErrorCode code, long currentEpoch) implements Placed {
  }
}
