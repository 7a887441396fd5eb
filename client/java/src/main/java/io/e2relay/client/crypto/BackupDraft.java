// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Reading;

/// A backup under a new password, on its way to the service in two steps, because the service answers its share only
/// for a backup that it has. After the first step the recovery code opens it, after the second the password too.
public final class BackupDraft {
  private final Account account;
  private final long follows;
  private final ByteString backupId;
  private final DerivedPassword password;
  private final Bundle bundle;

  private BackupDraft(Account account, long follows, ByteString backupId, DerivedPassword password, Bundle bundle) {
    this.account = account;
    this.follows = follows;
    this.backupId = backupId;
    this.password = password;
    this.bundle = bundle;
  }

  /// Of the account's first backup.
  public static BackupDraft first(Account account, String password, Bundle bundle) {
    return following(account, 0, password, bundle);
  }

  /// Of the backup behind the one with this number. Derives the password anew, which takes a moment.
  public static BackupDraft following(Account account, long bundleSeq, String password, Bundle bundle) {
    DerivedPassword derived = DerivedPassword.of(password, DerivedPassword.newParameters(), account.uid());
    return new BackupDraft(account, bundleSeq, BackupVersion.first().backupId(), derived, bundle);
  }

  /// The number of the backup that it replaces; 0 if there is none.
  public long follows() {
    return follows;
  }

  public ByteString backupId() {
    return backupId;
  }

  public DerivedPassword password() {
    return password;
  }

  public Bundle bundle() {
    return bundle;
  }

  /// For the first step: the password opens nothing yet.
  public BackupBlob withoutShare() {
    ByteString nobodys = Randomness.SECURE.bytes(DerivedPassword.ROOT_BYTES);
    return Backup.make(account, new BackupVersion(backupId, follows + 1), password, nobodys, bundle);
  }

  /// For the second step, behind the blob of the first, with the share that came with it.
  public BackupBlob whole(BackupBlob first, ByteString share) {
    return Backup.make(account, new BackupVersion(backupId, first.bundleSeq()).next(), password, share, bundle);
  }

  /// For a device that may be switched off between the steps.
  public ByteString seal(StateKey key, ByteString place) {
    return key.seal(place,
        new Joined().bytes(account.bytes()).u64(follows).bytes(backupId).u32(password.parameters().iterations())
            .bytes(password.parameters().salt()).bytes(password.root()).bytes(bundle.bytes()).toByteString());
  }

  public static Reading<BackupDraft> open(StateKey key, ByteString place, ByteString sealed) {
    return switch (key.open(place, sealed)) {
      case Reading.Read<ByteString>(ByteString bytes) -> read(bytes);
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  private static Reading<BackupDraft> read(ByteString bytes) {
    int head = TenantId.BYTES + Uid.BYTES + Long.BYTES + BackupBlob.BACKUP_ID_BYTES + Integer.BYTES
        + KdfParameters.SALT_BYTES + DerivedPassword.ROOT_BYTES;
    Fields in = new Fields(bytes.substring(0, Math.min(head, bytes.size())));
    ByteString tenant = in.bytes(TenantId.BYTES);
    ByteString uid = in.bytes(Uid.BYTES);
    long follows = in.u64(0);
    ByteString backupId = in.bytes(BackupBlob.BACKUP_ID_BYTES);
    long iterations = in.u32(KdfParameters.ITERATIONS_MIN);
    ByteString salt = in.bytes(KdfParameters.SALT_BYTES);
    ByteString root = in.bytes(DerivedPassword.ROOT_BYTES);
    Reading<KdfParameters> parameters = KdfParameters.of(KdfParameters.KDF_ID, iterations, salt);
    in.require(parameters instanceof Reading.Read, Fault.WEAK_KDF);
    if (!(in.end(() -> true) instanceof Reading.Read)
        || !(parameters instanceof Reading.Read<KdfParameters>(KdfParameters kdf))) {
      return new Reading.Unreadable<>(Fault.CANNOT_OPEN);
    }
    Uid owner = new Uid(uid);
    return switch (Bundle.read(bytes.substring(head))) {
      case Reading.Read<Bundle>(Bundle bundle) ->
        new Reading.Read<>(new BackupDraft(new Account(new TenantId(tenant), owner), follows, backupId,
            DerivedPassword.of(kdf, owner, root), bundle));
      case Reading.Unreadable<Bundle>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  @Override
  public String toString() {
    return "BackupDraft[secret]";
  }
}
