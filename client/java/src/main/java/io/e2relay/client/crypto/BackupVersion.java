// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;

/// Which of an account's backups it is: each that is written has a higher number, and after a new password another id.
public record BackupVersion(ByteString backupId, long bundleSeq) {
  public BackupVersion {
    if (backupId.size() != BackupBlob.BACKUP_ID_BYTES) {
      throw new IllegalArgumentException(Fault.WRONG_LENGTH.name());
    }
    if (bundleSeq < 1 || bundleSeq > Fields.U64_MAX) {
      throw new IllegalArgumentException(Fault.OUT_OF_RANGE.name());
    }
  }

  /// Of an account's first backup.
  public static BackupVersion first() {
    return new BackupVersion(Randomness.SECURE.bytes(BackupBlob.BACKUP_ID_BYTES), 1);
  }

  /// Of the next backup under the same password.
  public BackupVersion next() {
    return new BackupVersion(backupId, bundleSeq + 1);
  }

  /// Of the next backup under a new password; it takes new parameters too.
  public BackupVersion withNewPassword() {
    return new BackupVersion(Randomness.SECURE.bytes(BackupBlob.BACKUP_ID_BYTES), bundleSeq + 1);
  }

  @Override
  public String toString() {
    return "BackupVersion[" + bundleSeq + "]";
  }
}
