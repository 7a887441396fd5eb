// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.verify.BackupAccess;

/// What somebody shows to have a backup opened.
public sealed interface Proof {
  /// Of knowing the password.
  record Password(ByteString auth) implements Proof {
    public Password {
      require(auth);
    }

    @Override
    public String toString() {
      return "Password[secret]";
    }
  }

  /// Of having the recovery code.
  record Recovery(ByteString auth) implements Proof {
    public Recovery {
      require(auth);
    }

    @Override
    public String toString() {
      return "Recovery[secret]";
    }
  }

  private static void require(ByteString auth) {
    if (auth.size() != BackupAccess.PROOF_BYTES) {
      throw new IllegalArgumentException("a proof has " + BackupAccess.PROOF_BYTES + " bytes");
    }
  }
}
