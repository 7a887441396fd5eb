// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;

/// What is kept of a backup's proofs to compare others with.
record Lock(int pepperVersion, ByteString verifier, ByteString recoveryVerifier) {
  @Override
  public String toString() {
    return "Lock[pepper " + pepperVersion + "]";
  }
}
