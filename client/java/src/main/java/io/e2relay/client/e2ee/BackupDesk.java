// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.Account;
import io.e2relay.client.crypto.Backup;
import io.e2relay.client.crypto.BackupDraft;
import io.e2relay.client.crypto.Bundle;
import io.e2relay.client.crypto.DerivedPassword;
import io.e2relay.client.crypto.RecoveryCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.BackupTerms;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.GetBackup;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutBackup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The backup of an account at the service: opens it, and puts another in its place only if it is still the one that
/// was opened.
final class BackupDesk {
  private static final String KNOWN = "account/backup";

  private final Service service;
  private final Account owner;
  private final Vault vault;

  BackupDesk(Service service, Vault vault) {
    this.service = service;
    this.owner = service.owner();
    this.vault = vault;
  }

  /// What came of opening.
  sealed interface Opening {
    record Opened(Found found) implements Opening {
    }

    record Refused(AccountProblem problem) implements Opening {
    }
  }

  /// A backup that was opened, and by what; a share comes with the password only.
  record Found(Backup.Opened opened, Optional<DerivedPassword> password, ByteString share) {
    Bundle bundle() {
      return opened.bundle();
    }

    long seq() {
      return opened.version().bundleSeq();
    }

    @Override
    public String toString() {
      return "Found[secret]";
    }
  }

  /// By the password. What the service says about its derivation is judged before anything is derived.
  Opening open(String password) {
    BackupTerms terms = terms();
    return switch (KdfParameters.of(terms.getKdfId(), terms.getIterations(), terms.getSalt())) {
      case Reading.Unreadable<KdfParameters>(Fault fault) -> mistrusted(fault);
      case Reading.Read<KdfParameters>(KdfParameters parameters) -> {
        DerivedPassword derived = DerivedPassword.of(password, parameters, owner.uid());
        yield open(terms, OpenBackup.newBuilder().setAuth(derived.auth()),
            (blob, share) -> found(Backup.open(owner, blob, derived, share), Optional.of(derived), share));
      }
    };
  }

  /// By the recovery code.
  Opening open(RecoveryCode code) {
    BackupTerms terms = terms();
    return open(terms, OpenBackup.newBuilder().setRecoveryAuth(code.auth(owner.uid(), terms.getBackupId())),
        (blob, _) -> found(Backup.open(owner, blob, code), Optional.empty(), ByteString.EMPTY));
  }

  /// Another bundle under the same password.
  Optional<AccountProblem> replace(Found before, Bundle bundle) {
    DerivedPassword password = before.password()
        .orElseThrow(() -> new IllegalArgumentException("was not opened by the password"));
    BackupBlob blob = Backup.make(owner, before.opened().version().next(), password, before.share(), bundle);
    return put(blob, password, bundle.recoveryCode(), before.seq());
  }

  /// Brings a draft to the service, from wherever it was when the device was switched off.
  Optional<AccountProblem> finish(BackupDraft draft) {
    RecoveryCode code = draft.bundle().recoveryCode();
    if (!terms().getBackupId().equals(draft.backupId())) {
      Optional<AccountProblem> problem = put(draft.withoutShare(), draft.password(), code, draft.follows());
      if (problem.isPresent()) {
        return problem;
      }
    }
    OpenBackup.Builder request = OpenBackup.newBuilder().setBackupId(draft.backupId()).setAuth(draft.password().auth());
    io.e2relay.protocol.wire.Backup shown;
    try {
      shown = service.ask(ClientFrame.newBuilder().setOpenBackup(request)).getBackup();
    } catch (RefusedException e) {
      // If it is not the password, another backup took its place in the meantime.
      return Optional.of(problem(e, true));
    }
    return finish(draft, code, shown);
  }

  private Optional<AccountProblem> finish(BackupDraft draft, RecoveryCode code, io.e2relay.protocol.wire.Backup shown) {
    return switch (BackupBlob.read(shown.getBlob())) {
      case Reading.Unreadable<BackupBlob>(Fault fault) -> Optional.of(new AccountProblem.Mistrusted(fault));
      case Reading.Read<BackupBlob>(BackupBlob blob) when !fits(blob, draft.backupId(), shown.getShare()) ->
        Optional.of(new AccountProblem.Mistrusted(Fault.WRONG_CONTEXT));
      case Reading.Read<BackupBlob>(BackupBlob blob) -> {
        if (Backup.open(owner, blob, draft.password(), shown.getShare()) instanceof Reading.Read) {
          remember(blob);
          yield Optional.empty();
        }
        yield put(draft.whole(blob, shown.getShare()), draft.password(), code, blob.bundleSeq());
      }
    };
  }

  private BackupTerms terms() {
    return service.ask(ClientFrame.newBuilder().setGetBackup(GetBackup.getDefaultInstance())).getBackupTerms();
  }

  private interface Reader {
    Reading<Found> read(BackupBlob blob, ByteString share);
  }

  private Opening open(BackupTerms terms, OpenBackup.Builder request, Reader reader) {
    io.e2relay.protocol.wire.Backup shown;
    try {
      shown = service.ask(ClientFrame.newBuilder().setOpenBackup(request.setBackupId(terms.getBackupId()))).getBackup();
    } catch (RefusedException e) {
      return new Opening.Refused(problem(e, isAnother(terms.getBackupId())));
    }
    return switch (BackupBlob.read(shown.getBlob())) {
      case Reading.Unreadable<BackupBlob>(Fault fault) -> mistrusted(fault);
      case Reading.Read<BackupBlob>(BackupBlob blob) when !blob.backupId().equals(terms.getBackupId()) ->
        mistrusted(Fault.WRONG_CONTEXT);
      case Reading.Read<BackupBlob>(BackupBlob blob) when blob.bundleSeq() < knownSeq() ->
        mistrusted(Fault.ROLLED_BACK);
      case Reading.Read<BackupBlob>(BackupBlob blob) -> switch (reader.read(blob, shown.getShare())) {
        case Reading.Unreadable<Found>(Fault fault) -> mistrusted(fault);
        case Reading.Read<Found>(Found found) -> {
          remember(blob);
          yield new Opening.Opened(found);
        }
      };
    };
  }

  private static Reading<Found> found(Reading<Backup.Opened> opened, Optional<DerivedPassword> password,
      ByteString share) {
    return switch (opened) {
      case Reading.Read<Backup.Opened>(Backup.Opened read) -> new Reading.Read<>(new Found(read, password, share));
      case Reading.Unreadable<Backup.Opened>(Fault fault) -> new Reading.Unreadable<>(fault);
    };
  }

  private Optional<AccountProblem> put(BackupBlob blob, DerivedPassword password, RecoveryCode code, long follows) {
    PutBackup.Builder request = PutBackup.newBuilder().setBlob(blob.bytes()).setAuth(password.auth())
        .setRecoveryAuth(code.auth(owner.uid(), blob.backupId())).setFollows(follows);
    try {
      service.ask(ClientFrame.newBuilder().setPutBackup(request));
    } catch (RefusedException e) {
      return Optional.of(problem(e, false));
    }
    remember(blob);
    return Optional.empty();
  }

  /// From now on an older one, and one with another password, are known as such.
  private void remember(BackupBlob blob) {
    vault.write(Map.of(KNOWN, Optional.of(Packed.of(blob.backupId(), Packed.number(blob.bundleSeq())))));
  }

  private Optional<List<ByteString>> known() {
    return vault.get(KNOWN).map(Packed::values);
  }

  private long knownSeq() {
    return known().map(fields -> Packed.number(fields.getLast())).orElse(0L);
  }

  private boolean isAnother(ByteString backupId) {
    return known().filter(fields -> !fields.getFirst().equals(backupId)).isPresent();
  }

  private static Opening mistrusted(Fault fault) {
    return new Opening.Refused(new AccountProblem.Mistrusted(fault));
  }

  private static boolean fits(BackupBlob blob, ByteString backupId, ByteString share) {
    return blob.backupId().equals(backupId) && share.size() == 32;
  }

  /// What a refusal means; others than these are for whoever asked.
  private static AccountProblem problem(RefusedException refusal, boolean another) {
    if (refusal.code() == ErrorCode.BACKUP_REFUSED.number()) {
      return another ? new AccountProblem.Moved() : new AccountProblem.WrongSecret();
    }
    if (refusal.code() == ErrorCode.BACKUP_MOVED.number()) {
      return new AccountProblem.Moved();
    }
    if (refusal.code() == ErrorCode.BACKUP_LOCKED.number()) {
      return new AccountProblem.Locked();
    }
    if (refusal.code() == ErrorCode.TOO_FAST.number()) {
      return new AccountProblem.TooManyTries(Duration.ofMillis(refusal.retryAfterMs()));
    }
    throw refusal;
  }
}
