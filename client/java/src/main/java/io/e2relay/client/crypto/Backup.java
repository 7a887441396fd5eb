// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.Hkdf;

/// The backup of an account: for somebody who has nothing but a password, or the recovery code.
public final class Backup {
  private Backup() {
  }

  /// What was in a backup, and which one it was: the next one follows its version.
  public record Opened(BackupVersion version, Bundle bundle) {
  }

  /// Makes a backup, with a key of its own, which the password's key and the recovery code's open. A new password is a
  /// backup of the same bundle, with a version and parameters of its own; its share is asked for under that version.
  public static BackupBlob make(Account account, BackupVersion version, DerivedPassword password, ByteString share,
      Bundle bundle) {
    return make(Randomness.SECURE, account, version, password, share, bundle);
  }

  static BackupBlob make(Randomness randomness, Account account, BackupVersion version, DerivedPassword password,
      ByteString share, Bundle bundle) {
    requireOwner(account, password);
    ByteString context = context(account, version);
    SymmetricKey key = SymmetricKey.generate(randomness);
    ByteString byPassword = Sealing.seal(randomness, password.key(share, version), Sealing.Label.BACKUP_KEY, context,
        key.toByteString());
    ByteString byCode = Sealing.seal(randomness, recoveryKey(account, version, bundle.recoveryCode()),
        Sealing.Label.BACKUP_KEY, context, key.toByteString());
    ByteString sealed = Sealing.seal(randomness, key, Sealing.Label.BUNDLE, context, bundle.bytes());
    return new BackupBlob(password.parameters(), version.backupId(), version.bundleSeq(), byPassword, byCode, sealed);
  }

  /// Opens by the password, with the share that the service answered: CANNOT_OPEN for a wrong password, a wrong share
  /// and somebody else's backup alike.
  public static Reading<Opened> open(Account account, BackupBlob blob, DerivedPassword password, ByteString share) {
    requireOwner(account, password);
    return open(account, blob, password.key(share, version(blob)), blob.bkPw());
  }

  /// Opens by the recovery code. Afterwards a new password is to be chosen: the old one was forgotten.
  public static Reading<Opened> open(Account account, BackupBlob blob, RecoveryCode code) {
    return open(account, blob, recoveryKey(account, version(blob), code), blob.bkRc());
  }

  private static Reading<Opened> open(Account account, BackupBlob blob, SymmetricKey key, ByteString sealedKey) {
    ByteString context = context(account, version(blob));
    return switch (Sealing.open(key, Sealing.Label.BACKUP_KEY, context, sealedKey)) {
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
      case Reading.Read<ByteString>(ByteString bytes) -> switch (SymmetricKey.read(bytes)) {
        case Reading.Unreadable<SymmetricKey>(Fault fault) -> new Reading.Unreadable<>(fault);
        case Reading.Read<SymmetricKey>(SymmetricKey bundleKey) ->
          opened(version(blob), Sealing.open(bundleKey, Sealing.Label.BUNDLE, context, blob.bundle()));
      };
    };
  }

  private static Reading<Opened> opened(BackupVersion version, Reading<ByteString> plain) {
    return switch (plain) {
      case Reading.Unreadable<ByteString>(Fault fault) -> new Reading.Unreadable<>(fault);
      case Reading.Read<ByteString>(ByteString bytes) -> switch (Bundle.read(bytes)) {
        case Reading.Unreadable<Bundle>(Fault fault) -> new Reading.Unreadable<>(fault);
        case Reading.Read<Bundle>(Bundle bundle) -> new Reading.Read<>(new Opened(version, bundle));
      };
    };
  }

  private static BackupVersion version(BackupBlob blob) {
    return new BackupVersion(blob.backupId(), blob.bundleSeq());
  }

  private static void requireOwner(Account account, DerivedPassword password) {
    if (!password.uid().equals(account.uid())) {
      throw new IllegalArgumentException("the password was derived for another user");
    }
  }

  private static SymmetricKey recoveryKey(Account account, BackupVersion version, RecoveryCode code) {
    ByteString info = Labels.of("e2r/1/recovery-kek").concat(version.backupId());
    return SymmetricKey.of(Hkdf.derive(code.toByteString(), account.uid().bytes(), info, SymmetricKey.BYTES));
  }

  private static ByteString context(Account account, BackupVersion version) {
    return new Joined().bytes(account.bytes()).bytes(version.backupId()).u64(version.bundleSeq()).toByteString();
  }
}
