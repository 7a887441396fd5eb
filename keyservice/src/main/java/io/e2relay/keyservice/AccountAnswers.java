// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.Put;
import io.e2relay.keyservice.account.Stored;
import io.e2relay.protocol.bus.wire.DeviceWrapsCall;
import io.e2relay.protocol.bus.wire.DeviceWrapsReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetAccountsCall;
import io.e2relay.protocol.bus.wire.GetAccountsReply;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.Account;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.DeviceWrap;
import io.e2relay.protocol.wire.DeviceWraps;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/// Answers about accounts and their devices.
///
/// Every method waits for the database and so needs a thread that may.
final class AccountAnswers {
  private final Accounts accounts;
  private final KeyNews news;
  private final Runnable turnKeys;
  private final InstantSource clock;

  /// @param turnKeys run when a record may have turned a key
  AccountAnswers(Accounts accounts, KeyNews news, Runnable turnKeys, InstantSource clock) {
    this.accounts = accounts;
    this.news = news;
    this.turnKeys = turnKeys;
    this.clock = clock;
  }

  DoneReply put(PutAccountCall call) {
    if (!Ask.ids(TenantId.BYTES, call.getTenant()) || !Ask.ids(Uid.BYTES, call.getCaller())) {
      return Reply.done(ErrorCode.MALFORMED);
    }
    return switch (AccountRecord.read(call.getRequest().getRecord())) {
      case Reading.Read<AccountRecord>(AccountRecord record) ->
        put(new Put(new TenantId(call.getTenant()), new Uid(call.getCaller()), record,
            call.getRequest().getDeviceWrapsList(), call.getRequest().getRootWrapsList()));
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
    wraps.wraps().forEach(wrap -> answer
        .addWraps(DeviceWrap.newBuilder().setSeq(wrap.seq()).setWrap(wrap.wrap()).setRootWrap(wrap.root())));
    return DeviceWrapsReply.newBuilder().setWraps(answer).build();
  }

  /// When this is answered, no device that has left the account is connected any more.
  private DoneReply done(Uid uid) {
    news.devices(uid, accounts.devices(uid));
    turnKeys.run();
    return Reply.done();
  }

  private DoneReply put(Put put) {
    return switch (accounts.put(put, clock.millis())) {
      case Stored.Now now -> {
        news.tell(put.caller(), now);
        yield done(put.caller());
      }
      // The try that stored it may have died before it told anybody.
      case Stored.Before _ -> done(put.caller());
      case Stored.Refused(ErrorCode code) -> Reply.done(code);
      case Stored.Unfit(Fault fault) -> Reply.done(fault);
    };
  }
}
