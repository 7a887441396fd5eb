// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import io.e2relay.protocol.record.BackupBlob;

/// A backup that shall take the place of another.
///
/// @param follows the bundle_seq of that other one; 0 for none
public record BackupPut(Owner owner, BackupBlob blob, Proof.Password password, Proof.Recovery recovery, long follows) {
  @Override
  public String toString() {
    return "BackupPut[" + owner + ", " + blob.bundleSeq() + " follows " + follows + "]";
  }
}
