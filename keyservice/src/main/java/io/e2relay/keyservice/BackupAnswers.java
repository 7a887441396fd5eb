// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.backup.BackupPut;
import io.e2relay.keyservice.backup.Backups;
import io.e2relay.keyservice.backup.Knock;
import io.e2relay.keyservice.backup.Opened;
import io.e2relay.keyservice.backup.Owner;
import io.e2relay.keyservice.backup.Proof;
import io.e2relay.keyservice.backup.Stored;
import io.e2relay.keyservice.backup.Terms;
import io.e2relay.protocol.bus.wire.BackupTermsCall;
import io.e2relay.protocol.bus.wire.BackupTermsReply;
import io.e2relay.protocol.bus.wire.DeleteBackupCall;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.OpenBackupCall;
import io.e2relay.protocol.bus.wire.OpenBackupReply;
import io.e2relay.protocol.bus.wire.PutBackupCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.BackupAccess;
import io.e2relay.protocol.wire.Backup;
import io.e2relay.protocol.wire.BackupTerms;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutBackup;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers about backups.
///
/// Every method waits for the database and so needs a thread that may.
final class BackupAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(BackupAnswers.class);

  private final Backups backups;
  private final Accounts accounts;
  private final KeyMetrics metrics;
  private final InstantSource clock;
  // Only for the log: each is told once.
  private final Set<Integer> pepperless = ConcurrentHashMap.newKeySet();

  BackupAnswers(Backups backups, Accounts accounts, KeyMetrics metrics, InstantSource clock) {
    this.backups = backups;
    this.accounts = accounts;
    this.metrics = metrics;
    this.clock = clock;
  }

  DoneReply put(PutBackupCall call) {
    PutBackup request = call.getRequest();
    if (!isOwner(call.getTenant(), call.getCaller()) || !Ask.ids(BackupAccess.PROOF_BYTES, request.getAuth())
        || !Ask.ids(BackupAccess.PROOF_BYTES, request.getRecoveryAuth())) {
      return Reply.done(ErrorCode.MALFORMED);
    }
    if (accounts.strict(new Uid(call.getCaller()))) {
      return Reply.done(ErrorCode.NOT_ALLOWED);
    }
    return switch (BackupBlob.read(request.getBlob())) {
      case Reading.Read<BackupBlob>(BackupBlob blob) -> done(backups
          .put(new BackupPut(owner(call.getTenant(), call.getCaller()), blob, new Proof.Password(request.getAuth()),
              new Proof.Recovery(request.getRecoveryAuth()), request.getFollows())));
      case Reading.Unreadable<BackupBlob>(Fault fault) -> Reply.done(fault);
    };
  }

  BackupTermsReply terms(BackupTermsCall call) {
    if (!isOwner(call.getTenant(), call.getCaller())) {
      return Reply.terms(ErrorCode.MALFORMED);
    }
    Terms terms = backups.terms(owner(call.getTenant(), call.getCaller()));
    return BackupTermsReply.newBuilder().setTerms(BackupTerms.newBuilder().setKdfId(KdfParameters.KDF_ID)
        .setIterations(terms.kdf().iterations()).setSalt(terms.kdf().salt()).setBackupId(terms.backupId())).build();
  }

  OpenBackupReply open(OpenBackupCall call) {
    Proof proof = proof(call.getRequest());
    if (!isOwner(call.getTenant(), call.getCaller()) || proof == null
        || !Ask.ids(BackupBlob.BACKUP_ID_BYTES, call.getRequest().getBackupId())
        || !Ask.ids(DeviceId.BYTES, call.getDeviceId())) {
      return Reply.opened(ErrorCode.MALFORMED);
    }
    Knock knock = new Knock(owner(call.getTenant(), call.getCaller()), call.getRequest().getBackupId(), proof);
    long nowMs = clock.millis();
    return switch (backups.open(knock, nowMs)) {
      case Opened.Open(ByteString blob, ByteString share) -> {
        accounts.saw(knock.owner().uid(), new DeviceId(call.getDeviceId()), nowMs);
        yield OpenBackupReply.newBuilder().setBackup(Backup.newBuilder().setBlob(blob).setShare(share)).build();
      }
      case Opened.Refused _ -> {
        metrics.wrongProof(switch (proof) {
          case Proof.Password _ -> KeyMetrics.Shown.PASSWORD;
          case Proof.Recovery _ -> KeyMetrics.Shown.RECOVERY_CODE;
        });
        yield Reply.opened(ErrorCode.BACKUP_REFUSED);
      }
      case Opened.TooFast(long waitMs) -> Reply.openedIn(waitMs);
      case Opened.Locked _ -> Reply.opened(ErrorCode.BACKUP_LOCKED);
      case Opened.Unpeppered(int version) -> {
        if (pepperless.add(version)) {
          LOG.warn("backups were put with pepper {}, which the configured file lacks: "
              + "they open with the recovery code only, until it is there", version);
        }
        yield Reply.opened(ErrorCode.UNAVAILABLE);
      }
    };
  }

  DoneReply delete(DeleteBackupCall call) {
    return isOwner(call.getTenant(), call.getCaller())
        ? done(backups.delete(owner(call.getTenant(), call.getCaller()), call.getBundleSeq()))
        : Reply.done(ErrorCode.MALFORMED);
  }

  private static DoneReply done(Stored stored) {
    return switch (stored) {
      case DONE -> Reply.done();
      case MOVED -> Reply.done(ErrorCode.BACKUP_MOVED);
    };
  }

  private static @Nullable Proof proof(OpenBackup request) {
    return switch (request.getProofCase()) {
      case AUTH -> Ask.ids(BackupAccess.PROOF_BYTES, request.getAuth()) ? new Proof.Password(request.getAuth()) : null;
      case RECOVERY_AUTH -> Ask.ids(BackupAccess.PROOF_BYTES, request.getRecoveryAuth())
          ? new Proof.Recovery(request.getRecoveryAuth())
          : null;
      case PROOF_NOT_SET -> null;
    };
  }

  private static boolean isOwner(ByteString tenant, ByteString caller) {
    return Ask.ids(TenantId.BYTES, tenant) && Ask.ids(Uid.BYTES, caller);
  }

  private static Owner owner(ByteString tenant, ByteString caller) {
    return new Owner(new TenantId(tenant), new Uid(caller));
  }
}
