// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.KdfParameters;

/// What somebody must know to make a proof of a password.
public record Terms(KdfParameters kdf, ByteString backupId) {
  @Override
  public String toString() {
    return "Terms[" + kdf.iterations() + " iterations]";
  }
}
