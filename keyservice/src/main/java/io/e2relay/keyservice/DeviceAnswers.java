// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.DeviceUse;
import io.e2relay.keyservice.account.LoginRule;
import io.e2relay.keyservice.backup.Backups;
import io.e2relay.keyservice.backup.Owner;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.RetireDeviceCall;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.LoginStatement;
import io.e2relay.protocol.record.Signature;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// Answers about the device behind a connection.
///
/// Every method waits for the database and so needs a thread that may.
final class DeviceAnswers {
  private final Accounts accounts;
  private final Backups backups;
  private final KeyNews news;
  private final InstantSource clock;
  private final Duration idle;

  DeviceAnswers(Accounts accounts, Backups backups, KeyNews news, InstantSource clock, Duration idle) {
    this.accounts = accounts;
    this.backups = backups;
    this.news = news;
    this.clock = clock;
    this.idle = idle;
  }

  /// The rest of signing in: is this the device it says it is?
  SignInReply signIn(SignInCall call, long userVersion) {
    Uid uid = new Uid(call.getUid());
    DeviceId device = new DeviceId(call.getDeviceId());
    SignInReply.Builder signedIn = SignInReply.newBuilder().setUserVersion(userVersion);
    Accounts.Arrival arrival = accounts.arrive(uid, device, call.getBot());
    AccountRecord account = arrival.newest();
    if (account == null) {
      return signedIn.build();
    }
    signedIn.setAccountSeq(account.statement().seq());
    long nowMs = clock.millis();
    LoginRule.Verdict verdict = LoginRule.judge(account, device, arrival.use(), login(call),
        new LoginRule.Now(nowMs, idle));
    return switch (verdict) {
      case STRANGER -> signedIn.build();
      case PROVEN -> proven(signedIn, account, device, arrival.use(), nowMs);
      case UNPROVEN -> Reply.signIn(ErrorCode.DEVICE_UNPROVEN);
      case IDLE -> unlockable(call)
          ? Reply.signIn(ErrorCode.DEVICE_IDLE)
          : proven(signedIn, account, device, arrival.use(), nowMs);
      case LOCKED -> unlockable(call) ? signedIn.build() : Reply.signIn(ErrorCode.DEVICE_UNPROVEN);
    };
  }

  DoneReply retire(RetireDeviceCall call) {
    if (!Ask.ids(Uid.BYTES, call.getCaller()) || !Ask.ids(DeviceId.BYTES, call.getDeviceId())) {
      return Reply.done(ErrorCode.MALFORMED);
    }
    Uid uid = new Uid(call.getCaller());
    accounts.retire(uid, new DeviceId(call.getDeviceId()), clock.millis());
    news.devices(uid, accounts.devices(uid));
    return Reply.done();
  }

  private SignInReply proven(SignInReply.Builder signedIn, AccountRecord account, DeviceId device,
      @Nullable DeviceUse use, long nowMs) {
    if (use == null || use.stale(nowMs)) {
      accounts.saw(account.statement().uid(), device, nowMs);
    }
    account.statement().device(device).ifPresent(proven -> signedIn.setDeviceKey(proven.dsk().bytes()));
    return signedIn.setDeviceProven(true).build();
  }

  /// Where there is no backup to open, nothing could ever unlock a device: there none is locked.
  private boolean unlockable(SignInCall call) {
    return backups.exists(new Owner(new TenantId(call.getTenant()), new Uid(call.getUid())));
  }

  private static LoginRule.@Nullable Login login(SignInCall call) {
    if (!call.hasLogin() || !Ask.ids(Signature.BYTES, call.getLogin().getSignature())
        || !Ask.ids(LoginStatement.NONCE_BYTES, call.getNonce())) {
      return null;
    }
    LoginStatement statement = new LoginStatement(new TenantId(call.getTenant()), new Uid(call.getUid()),
        new DeviceId(call.getDeviceId()), call.getNonce(), call.getAudience(), call.getLogin().getSignedMs());
    return new LoginRule.Login(statement, new Signature(call.getLogin().getSignature()));
  }
}
