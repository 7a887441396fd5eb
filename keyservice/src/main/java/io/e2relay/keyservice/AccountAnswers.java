// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.LoginRule;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.account.Stored;
import io.e2relay.protocol.bus.wire.DeviceWrapsCall;
import io.e2relay.protocol.bus.wire.DeviceWrapsReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetAccountsCall;
import io.e2relay.protocol.bus.wire.GetAccountsReply;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.LoginStatement;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.wire.Account;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.DeviceWrap;
import io.e2relay.protocol.wire.DeviceWraps;
import io.e2relay.protocol.wire.Done;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Answers about accounts and their devices.
///
/// Every method waits for the database and so needs a thread that may.
final class AccountAnswers {
  private final Accounts accounts;
  private final KeyNews news;
  private final InstantSource clock;

  AccountAnswers(Accounts accounts, KeyNews news, InstantSource clock) {
    this.accounts = accounts;
    this.news = news;
    this.clock = clock;
  }

  /// The rest of signing in: is this the device it says it is?
  SignInReply signIn(SignInCall call, long userVersion) {
    SignInReply.Builder signedIn = SignInReply.newBuilder().setUserVersion(userVersion);
    AccountRecord account = accounts.newest(new Uid(call.getUid()));
    if (account == null) {
      return signedIn.build();
    }
    signedIn.setAccountSeq(account.statement().seq());
    return switch (LoginRule.judge(account, new DeviceId(call.getDeviceId()), login(call))) {
      case STRANGER -> signedIn.build();
      case PROVEN -> signedIn.setDeviceProven(true).build();
      case UNPROVEN -> Reply.signIn(ErrorCode.DEVICE_UNPROVEN);
    };
  }

  DoneReply put(PutAccountCall call) {
    if (!Ask.ids(TenantId.BYTES, call.getTenant()) || !Ask.ids(Uid.BYTES, call.getCaller())) {
      return Reply.done(ErrorCode.MALFORMED);
    }
    return switch (AccountRecord.read(call.getRequest().getRecord())) {
      case Reading.Read<AccountRecord>(AccountRecord record) -> put(new Put(new TenantId(call.getTenant()),
          new Uid(call.getCaller()), record, call.getRequest().getDeviceWrapsList()));
      case Reading.Unreadable<AccountRecord>(Fault fault) -> Reply.done(fault);
    };
  }

  GetAccountsReply get(GetAccountsCall call) {
    if (!Ask.ids(TenantId.BYTES, call.getTenant())
        || !Ask.ids(Uid.BYTES, call.getAccountsList().stream().map(AccountQuery::getUid).toList())) {
      return Reply.accounts(ErrorCode.MALFORMED);
    }
    Map<Uid, Long> after = new LinkedHashMap<>();
    call.getAccountsList().forEach(query -> after.put(new Uid(query.getUid()), query.getAfterSeq()));
    Accounts.Chains chains = accounts.chains(new TenantId(call.getTenant()), after);
    var answer = io.e2relay.protocol.wire.Accounts.newBuilder().setMore(chains.more());
    chains.chains().forEach(chain -> answer.addAccounts(
        Account.newBuilder().setUid(chain.uid().bytes()).addAllRecords(chain.records()).setLastSeq(chain.lastSeq())));
    return GetAccountsReply.newBuilder().setAccounts(answer).build();
  }

  DeviceWrapsReply wraps(DeviceWrapsCall call) {
    if (!Ask.ids(Uid.BYTES, call.getCaller()) || !Ask.ids(DeviceId.BYTES, call.getDeviceId())) {
      return Reply.wraps(ErrorCode.MALFORMED);
    }
    Accounts.Wraps wraps = accounts.wraps(new Uid(call.getCaller()), new DeviceId(call.getDeviceId()),
        call.getAfterSeq());
    DeviceWraps.Builder answer = DeviceWraps.newBuilder().setMore(wraps.more());
    wraps.wraps().forEach(wrap -> answer.addWraps(DeviceWrap.newBuilder().setSeq(wrap.seq()).setWrap(wrap.wrap())));
    return DeviceWrapsReply.newBuilder().setWraps(answer).build();
  }

  private DoneReply put(Put put) {
    return switch (accounts.put(put, clock.millis())) {
      case Stored.Now now -> {
        news.tell(put.caller(), now);
        yield DoneReply.newBuilder().setDone(Done.getDefaultInstance()).build();
      }
      case Stored.Before _ -> DoneReply.newBuilder().setDone(Done.getDefaultInstance()).build();
      case Stored.Refused(ErrorCode code) -> Reply.done(code);
      case Stored.Unfit(Fault fault) -> Reply.done(fault);
    };
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
