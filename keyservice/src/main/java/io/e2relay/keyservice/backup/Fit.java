// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;

/// Whether a proof is the one of which a lock was made.
sealed interface Fit {
  /// @param share what the service adds to a password; empty for a recovery code, which needs none
  record Fits(ByteString share) implements Fit {
    @Override
    public String toString() {
      return "Fits[secret]";
    }
  }

  record Misfit() implements Fit {
  }

  /// Nobody can tell: the lock was made with a pepper that is not there.
  record Unpeppered(int version) implements Fit {
  }
}
