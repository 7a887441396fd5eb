// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Labels;

/// What the service makes of the proof that somebody knows a backup's password: what it keeps to compare with, and
/// what it answers. With the pepper elsewhere, a stolen database lets nobody guess.
public record BackupAccess(TenantId tenant, Uid uid, ByteString backupId) {
  /// Of what is shown, for the password as for the recovery code.
  public static final int PROOF_BYTES = 32;

  /// Kept instead of the proof.
  public ByteString verifier(ByteString pepper, ByteString auth) {
    return bound(pepper, Labels.BACKUP_VERIFY, auth);
  }

  /// Answered to whoever shows the proof; half of what opens the backup.
  public ByteString share(ByteString pepper, ByteString auth) {
    return bound(pepper, Labels.BACKUP_SHARE, auth);
  }

  /// Whether the proof is the one of which the verifier was made.
  public boolean admits(ByteString pepper, ByteString auth, ByteString verifier) {
    return Hmac.equal(verifier(pepper, auth), verifier);
  }

  /// Kept instead of the recovery code's proof. Without the pepper: 160 random bits are not guessed, and whoever
  /// loses the pepper shall still get in this way.
  public ByteString recoveryVerifier(ByteString recoveryAuth) {
    return bound(recoveryAuth, Labels.RECOVERY_VERIFY, ByteString.EMPTY);
  }

  /// The like of [#admits] for the recovery code.
  public boolean admitsRecovery(ByteString recoveryAuth, ByteString recoveryVerifier) {
    return Hmac.equal(recoveryVerifier(recoveryAuth), recoveryVerifier);
  }

  /// A record's own would show the backup's id.
  @Override
  public String toString() {
    return "BackupAccess[" + uid + "]";
  }

  private ByteString bound(ByteString pepper, String label, ByteString auth) {
    return Hmac.of(pepper, Labels.of(label), tenant.bytes(), uid.bytes(), backupId, auth);
  }
}
