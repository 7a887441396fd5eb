// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;

/// A try to have a backup opened.
public record Knock(Owner owner, ByteString backupId, Proof proof) {
  @Override
  public String toString() {
    return "Knock[" + owner + ", " + proof + "]";
  }
}
