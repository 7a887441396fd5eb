// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.wire.PutBackup;

/// The rules of backups, for tests with tables of their own: of an account that has put one already.
public final class BackupDesk {
  private static final Locksmith LOCKSMITH = new Locksmith(Sample.peppers(Sample.FIRST));

  private final Owner owner;
  private final BackupRules.Kept kept;

  public BackupDesk(TenantId tenant, Uid uid, PutBackup there, BackupBlob blob) {
    owner = new Owner(tenant, uid);
    kept = new BackupRules.Kept(blob.bundleSeq(), blob.backupId(), LOCKSMITH.lock(put(there, blob)), blob.bytes());
  }

  /// Whether it takes the place of the other, or is the same again.
  public boolean takes(PutBackup request, BackupBlob blob) {
    return switch (BackupRules.put(kept, put(request, blob), LOCKSMITH)) {
      case SAVE, KNOWN -> true;
      case MOVED -> false;
    };
  }

  private BackupPut put(PutBackup request, BackupBlob blob) {
    return new BackupPut(owner, blob, new Proof.Password(request.getAuth()),
        new Proof.Recovery(request.getRecoveryAuth()), request.getFollows());
  }
}
