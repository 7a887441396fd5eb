// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import static io.e2relay.protocol.frame.FrameRulesTest.id;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.FrameRulesTest.Row;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.wire.AccountQuery;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.DeviceLogin;
import io.e2relay.protocol.wire.GetAccounts;
import io.e2relay.protocol.wire.GetDeviceWraps;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.PutAccount;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The fields of requests about accounts and of a device's login, at their limits and beyond.
final class AccountRows {
  private AccountRows() {
  }

  static Stream<Row> rows() {
    int most = Limits.ACCOUNTS_PER_REQUEST_MAX;
    int devices = AccountStatement.DEVICES_MAX;
    int wrap = AccountRecord.DEVICE_WRAP_BYTES;
    return Stream.of(
        new Row("hello.login.signature", ErrorCode.MALFORMED, login(Signature.BYTES, 1), login(Signature.BYTES - 1, 1)),
        new Row("hello.login.signed_ms", ErrorCode.MALFORMED, login(Signature.BYTES, Limits.SEQ_MAX),
            login(Signature.BYTES, Limits.SEQ_MAX + 1)),
        new Row("put_account.record", ErrorCode.TOO_LARGE, put(AccountRecord.BYTES_MAX, 1, wrap),
            put(AccountRecord.BYTES_MAX + 1, 1, wrap)),
        new Row("put_account.record, none", ErrorCode.MALFORMED, put(1, 1, wrap), put(0, 1, wrap)),
        new Row("put_account.device_wraps", ErrorCode.LIMIT_EXCEEDED, put(1, devices, wrap), put(1, devices + 1, wrap)),
        new Row("put_account.device_wraps, length", ErrorCode.MALFORMED, put(1, 1, wrap), put(1, 1, wrap - 1)),
        new Row("put_account.root_wraps", ErrorCode.LIMIT_EXCEEDED, roots(devices, wrap), roots(devices + 1, wrap)),
        new Row("put_account.root_wraps, length", ErrorCode.MALFORMED, roots(1, wrap), roots(1, wrap + 1)),
        new Row("get_accounts.accounts", ErrorCode.LIMIT_EXCEEDED, get(most, 0), get(most + 1, 0)),
        new Row("get_accounts.accounts, after some", ErrorCode.LIMIT_EXCEEDED, get(most, 1), get(most + 1, 1)),
        new Row("get_accounts.accounts, none", ErrorCode.MALFORMED, get(1, 0), get(0, 0)),
        new Row("get_accounts.after_seq", ErrorCode.MALFORMED, get(1, Limits.SEQ_MAX), get(1, Limits.SEQ_MAX + 1)),
        new Row("get_device_wraps.after_seq", ErrorCode.MALFORMED, wraps(Limits.SEQ_MAX), wraps(Limits.SEQ_MAX + 1)));
  }

  private static ClientFrame login(int bytes, long signedMs) {
    return ClientFrame.newBuilder().setId(7).setHello(Hello.newBuilder().setToken("t").setDeviceId(id(16))
        .setLogin(DeviceLogin.newBuilder().setSignature(id(bytes)).setSignedMs(signedMs))).build();
  }

  private static ClientFrame put(int record, int wraps, int wrapBytes) {
    PutAccount.Builder put = PutAccount.newBuilder().setRecord(id(record));
    IntStream.range(0, wraps).forEach(_ -> put.addDeviceWraps(id(wrapBytes)));
    return ClientFrame.newBuilder().setId(7).setPutAccount(put).build();
  }

  private static ClientFrame roots(int wraps, int wrapBytes) {
    ClientFrame.Builder put = put(AccountRecord.BYTES_MAX, AccountStatement.DEVICES_MAX,
        AccountRecord.DEVICE_WRAP_BYTES).toBuilder();
    IntStream.range(0, wraps).forEach(_ -> put.getPutAccountBuilder().addRootWraps(id(wrapBytes)));
    return put.build();
  }

  private static ClientFrame get(int accounts, long after) {
    GetAccounts.Builder get = GetAccounts.newBuilder();
    IntStream.range(0, accounts)
        .forEach(i -> get.addAccounts(AccountQuery.newBuilder().setUid(uid(i)).setAfterSeq(after)));
    return ClientFrame.newBuilder().setId(7).setGetAccounts(get).build();
  }

  private static ByteString uid(int number) {
    return ByteString
        .copyFrom(new byte[]{(byte) number, (byte) (number >> 8), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  }

  private static ClientFrame wraps(long after) {
    return ClientFrame.newBuilder().setId(7).setGetDeviceWraps(GetDeviceWraps.newBuilder().setAfterSeq(after)).build();
  }
}
