// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;

/// What came of a try to open a backup.
public sealed interface Opened {
  record Open(ByteString blob, ByteString share) implements Opened {
    @Override
    public String toString() {
      return "Open[secret]";
    }
  }

  /// A wrong proof, another backup, or none: nobody is told which.
  record Refused() implements Opened {
  }

  record TooFast(long waitMs) implements Opened {
  }

  record Locked() implements Opened {
  }

  /// Nothing can be said: the pepper with which it was put is not there.
  record Unpeppered(int version) implements Opened {
  }
}
