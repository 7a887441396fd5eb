// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.verify.BackupAccess;
import io.e2relay.protocol.verify.Hmac;
import org.jspecify.annotations.Nullable;

/// Makes locks of proofs, and tells whether a proof fits one; does the same work where there is none.
public final class Locksmith {
  private static final ByteString NO_VERIFIER = ByteString.copyFrom(new byte[Hmac.BYTES]);
  private static final Fit MISFIT = new Fit.Misfit();

  private final Peppers peppers;

  public Locksmith(Peppers peppers) {
    this.peppers = peppers;
  }

  Lock lock(BackupPut put) {
    BackupAccess access = put.owner().access(put.blob().backupId());
    Pepper pepper = peppers.newest();
    return new Lock(pepper.version(), access.verifier(pepper.key(), put.password().auth()),
        access.recoveryVerifier(put.recovery().auth()));
  }

  /// @param lock null where there is no backup
  Fit fit(@Nullable Lock lock, Knock knock) {
    Lock against = lock == null ? new Lock(peppers.newest().version(), NO_VERIFIER, NO_VERIFIER) : lock;
    BackupAccess access = knock.owner().access(knock.backupId());
    return switch (knock.proof()) {
      case Proof.Password(ByteString auth) -> {
        Pepper pepper = peppers.of(against.pepperVersion());
        if (pepper == null) {
          yield new Fit.Unpeppered(against.pepperVersion());
        }
        // The share is made for whoever is wrong, too: a right proof shall not be told by its time.
        ByteString share = access.share(pepper.key(), auth);
        yield access.admits(pepper.key(), auth, against.verifier()) && lock != null ? new Fit.Fits(share) : MISFIT;
      }
      case Proof.Recovery(ByteString auth) -> access.admitsRecovery(auth, against.recoveryVerifier()) && lock != null
          ? new Fit.Fits(ByteString.EMPTY)
          : MISFIT;
    };
  }

  /// Whether this put made the lock.
  boolean made(Lock lock, BackupPut put) {
    ByteString id = put.blob().backupId();
    return fit(lock, new Knock(put.owner(), id, put.password())) instanceof Fit.Fits
        && fit(lock, new Knock(put.owner(), id, put.recovery())) instanceof Fit.Fits;
  }

  /// What whoever has no backup is told: like the terms of one, and always the same.
  Terms decoy(Owner owner) {
    ByteString key = peppers.oldest().key();
    ByteString salt = Hmac.of(key, Labels.of(Labels.NO_BACKUP_SALT), owner.tenant().bytes(), owner.uid().bytes());
    ByteString id = Hmac.of(key, Labels.of(Labels.NO_BACKUP_ID), owner.tenant().bytes(), owner.uid().bytes());
    return new Terms(new KdfParameters(KdfParameters.ITERATIONS_MIN, salt),
        id.substring(0, BackupBlob.BACKUP_ID_BYTES));
  }
}
