// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.Refusals;
import io.e2relay.client.crypto.Account;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfBlob;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.verify.AccountChain;
import io.e2relay.protocol.verify.BackupAccess;
import io.e2relay.protocol.wire.Accounts;
import io.e2relay.protocol.wire.Backup;
import io.e2relay.protocol.wire.BackupTerms;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.DeviceWrap;
import io.e2relay.protocol.wire.DeviceWraps;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.OpenBackup;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.PutBackup;
import io.e2relay.protocol.wire.SelfBlobs;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Plays the service for one user's account in memory, with the rules that its devices can run into.
final class PlayedAccounts {
  static final Account OWNER = new Account(new TenantId(bytes(1, TenantId.BYTES)), new Uid(bytes(2, Uid.BYTES)));
  private static final ByteString PEPPER = bytes(3, 32);
  private static final int WRONG_MAX = 5;

  final List<AccountRecord> records = new ArrayList<>();
  final Set<DeviceId> retired = new HashSet<>();
  Optional<Kept> backup = Optional.empty();
  private Optional<AccountChain> chain = Optional.empty();
  private final Map<DeviceId, List<DeviceWrap>> wraps = new HashMap<>();
  private final Map<Integer, ByteString> selfs = new HashMap<>();
  private int wrong;

  PlayedAccounts() {
  }

  /// As it is now, to go on from more than once.
  PlayedAccounts(PlayedAccounts other) {
    records.addAll(other.records);
    retired.addAll(other.retired);
    backup = other.backup;
    chain = other.chain;
    other.wraps.forEach((device, theirs) -> wraps.put(device, new ArrayList<>(theirs)));
    selfs.putAll(other.selfs);
    wrong = other.wrong;
  }

  /// A backup, and what it is compared with.
  record Kept(BackupBlob blob, ByteString verifier, ByteString recoveryVerifier) {
  }

  synchronized long accountSeq() {
    return records.size();
  }

  synchronized boolean has(DeviceId device) {
    return chain.filter(known -> known.last().statement().device(device).isPresent()).isPresent()
        && !retired.contains(device);
  }

  synchronized ServerFrame answer(DeviceId device, ClientFrame request) {
    ServerFrame.Builder reply = ServerFrame.newBuilder();
    return switch (request.getBodyCase()) {
      case PUT_ACCOUNT -> put(request.getPutAccount());
      case GET_ACCOUNTS -> reply.setAccounts(accounts(request.getGetAccounts().getAccounts(0).getAfterSeq())).build();
      case GET_DEVICE_WRAPS ->
        reply.setDeviceWraps(DeviceWraps.newBuilder().addAllWraps(wraps.getOrDefault(proven(device), List.of()).stream()
            .filter(wrap -> wrap.getSeq() > request.getGetDeviceWraps().getAfterSeq()).toList())).build();
      case GET_BACKUP -> reply.setBackupTerms(terms()).build();
      case PUT_BACKUP -> {
        proven(device);
        yield putBackup(request.getPutBackup());
      }
      case OPEN_BACKUP -> reply.setBackup(open(request.getOpenBackup())).build();
      case PUT_SELF -> {
        proven(device);
        yield putSelf(request.getPutSelf().getBlob());
      }
      case GET_SELF -> reply.setSelfBlobs(SelfBlobs.newBuilder().addAllBlobs(request.getGetSelf().getKindsList()
          .stream().flatMap(kind -> Optional.ofNullable(selfs.get(kind)).stream()).toList())).build();
      case RETIRE_DEVICE -> {
        retired.add(proven(device));
        yield done();
      }
      default -> throw new IllegalStateException("not played: " + request.getBodyCase());
    };
  }

  synchronized Optional<ByteString> self(SelfKind kind) {
    return Optional.ofNullable(selfs.get(kind.number()));
  }

  /// The number of the newest blob of that kind.
  synchronized long counter(SelfKind kind) {
    return self(kind).map(bytes -> value(SelfBlob.read(bytes)).counter()).orElse(0L);
  }

  private ServerFrame put(PutAccount put) {
    AccountRecord record = value(AccountRecord.read(put.getRecord()));
    int place = (int) record.statement().seq() - 1;
    if (place < records.size()) {
      return records.get(place).hash().equals(record.hash()) ? done() : refused(ErrorCode.ACCOUNT_MOVED);
    }
    chain = Optional.of(value(chain.map(known -> known.next(record)).orElseGet(() -> AccountChain.from(record))));
    records.add(record);
    List<Device> devices = record.statement().devices();
    for (int i = 0; i < devices.size(); i++) {
      DeviceWrap.Builder wrap = DeviceWrap.newBuilder().setSeq(records.size()).setWrap(put.getDeviceWraps(i));
      if (put.getRootWrapsCount() > 0) {
        wrap.setRootWrap(put.getRootWraps(i));
      }
      wraps.computeIfAbsent(devices.get(i).id(), _ -> new ArrayList<>()).add(wrap.build());
    }
    return done();
  }

  private Accounts accounts(long after) {
    Accounts.Builder accounts = Accounts.newBuilder();
    if (!records.isEmpty()) {
      accounts.addAccounts(io.e2relay.protocol.wire.Account.newBuilder().setUid(OWNER.uid().bytes())
          .setLastSeq(records.size()).addAllRecords(records.stream().skip(after).map(AccountRecord::bytes).toList()));
    }
    return accounts.build();
  }

  private BackupTerms terms() {
    return backup.map(Kept::blob)
        .map(blob -> BackupTerms.newBuilder().setKdfId(1).setIterations(blob.kdf().iterations())
            .setSalt(blob.kdf().salt()).setBackupId(blob.backupId()).build())
        .orElse(BackupTerms.newBuilder().setKdfId(1).setIterations(600_000).setSalt(bytes(4, 32))
            .setBackupId(bytes(5, 16)).build());
  }

  private ServerFrame putBackup(PutBackup put) {
    BackupBlob blob = value(BackupBlob.read(put.getBlob()));
    long there = backup.map(kept -> kept.blob().bundleSeq()).orElse(0L);
    if (backup.filter(kept -> kept.blob().bytes().equals(put.getBlob())).isPresent()) {
      return done();
    }
    if (there != put.getFollows() || blob.bundleSeq() <= there) {
      return refused(ErrorCode.BACKUP_MOVED);
    }
    BackupAccess access = access(blob);
    backup = Optional
        .of(new Kept(blob, access.verifier(PEPPER, put.getAuth()), access.recoveryVerifier(put.getRecoveryAuth())));
    return done();
  }

  private Backup open(OpenBackup request) {
    if (request.hasAuth() && wrong >= WRONG_MAX) {
      throw Refusals.of(ErrorCode.TOO_FAST);
    }
    Kept kept = backup.filter(one -> one.blob().backupId().equals(request.getBackupId())).orElse(null);
    if (kept != null && request.hasRecoveryAuth()
        && access(kept.blob()).admitsRecovery(request.getRecoveryAuth(), kept.recoveryVerifier())) {
      return Backup.newBuilder().setBlob(kept.blob().bytes()).build();
    }
    if (kept != null && request.hasAuth() && access(kept.blob()).admits(PEPPER, request.getAuth(), kept.verifier())) {
      wrong = 0;
      return Backup.newBuilder().setBlob(kept.blob().bytes())
          .setShare(access(kept.blob()).share(PEPPER, request.getAuth())).build();
    }
    wrong += request.hasAuth() ? 1 : 0;
    throw Refusals.of(ErrorCode.BACKUP_REFUSED);
  }

  private ServerFrame putSelf(ByteString bytes) {
    SelfBlob blob = value(SelfBlob.read(bytes));
    ByteString there = selfs.get(blob.kind().number());
    if (there != null && value(SelfBlob.read(there)).counter() >= blob.counter()) {
      throw Refusals.of(ErrorCode.RECORD_REFUSED, Fault.ROLLED_BACK);
    }
    selfs.put(blob.kind().number(), bytes);
    return done();
  }

  private DeviceId proven(DeviceId device) {
    if (!has(device)) {
      throw Refusals.of(ErrorCode.DEVICE_UNPROVEN);
    }
    return device;
  }

  private static BackupAccess access(BackupBlob blob) {
    return new BackupAccess(OWNER.tenant(), OWNER.uid(), blob.backupId());
  }

  private static ServerFrame done() {
    return ServerFrame.newBuilder().setDone(Done.getDefaultInstance()).build();
  }

  private static ServerFrame refused(ErrorCode code) {
    throw Refusals.of(code);
  }

  private static <T> T value(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) -> throw Refusals.of(ErrorCode.RECORD_REFUSED, fault);
    };
  }

  static ByteString bytes(int octet, int count) {
    byte[] bytes = new byte[count];
    java.util.Arrays.fill(bytes, (byte) octet);
    return ByteString.copyFrom(bytes);
  }
}
