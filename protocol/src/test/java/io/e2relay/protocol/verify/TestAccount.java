// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.AccountStatement;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.record.Signer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// An account with all its keys, whose fields a test may set as it likes before the next record is signed.
final class TestAccount {
  static final long HOUR_MS = 3_600_000;
  static final TenantId TENANT = new TenantId(bytes(16, 0x11));

  /// A device with its private key; the public entry is what the record says.
  record TestDevice(Device entry, TestKey dsk) {
    TestDevice as(Device other) {
      return new TestDevice(other, dsk);
    }
  }

  TenantId tenant = TENANT;
  Uid uid;
  long seq = 1;
  Hash prev = Hash.NONE;
  AccountKind kind = AccountKind.GENESIS;
  TestKey ark = new TestKey();
  long aekGen = 1;
  Point aek = new TestKey().point();
  List<TestDevice> devices = new ArrayList<>();
  long createdMs = 1_795_212_000_000L;
  Function<AccountStatement, Continuity> continuity = _ -> new Continuity.None();

  TestAccount(int name) {
    this.uid = new Uid(bytes(16, name));
    devices.add(device(1));
  }

  /// A copy that says it is the next record, an hour later; everything else is up to the test.
  TestAccount next(AccountKind nextKind) {
    TestAccount next = copy();
    next.prev = record().hash();
    next.seq = seq + 1;
    next.kind = nextKind;
    next.createdMs = createdMs + HOUR_MS;
    next.continuity = _ -> new Continuity.None();
    return next;
  }

  TestAccount copy() {
    TestAccount copy = new TestAccount(0);
    copy.tenant = tenant;
    copy.uid = uid;
    copy.seq = seq;
    copy.prev = prev;
    copy.kind = kind;
    copy.ark = ark;
    copy.aekGen = aekGen;
    copy.aek = aek;
    copy.devices = new ArrayList<>(devices);
    copy.createdMs = createdMs;
    copy.continuity = continuity;
    return copy;
  }

  TestAccount nextAek() {
    aekGen++;
    aek = new TestKey().point();
    return this;
  }

  TestAccount nextArk() {
    ark = new TestKey();
    return this;
  }

  TestDevice device(int name) {
    TestKey dsk = new TestKey();
    return new TestDevice(new Device(new DeviceId(bytes(16, name)), dsk.point(), new TestKey().point(), seq, createdMs),
        dsk);
  }

  TestAccount with(TestDevice device) {
    devices.add(device);
    return this;
  }

  TestAccount without(int name) {
    devices.removeIf(device -> device.entry().id().bytes().byteAt(0) == name);
    return this;
  }

  TestDevice first() {
    return devices.getFirst();
  }

  AccountStatement statement() {
    return new AccountStatement(tenant, uid, seq, prev, kind, ark.point(), aekGen, aek,
        devices.stream().map(TestDevice::entry).toList(), createdMs);
  }

  AccountRecord record() {
    AccountStatement statement = statement();
    List<Signature> pops = devices.stream()
        .map(device -> device.dsk().sign("dev-pop", statement.possession(device.entry()))).toList();
    return new AccountRecord(statement, ark.sign("account", statement.tbs()), continuity.apply(statement), pops);
  }

  /// Who signs with the first device, by this record.
  Signer signer() {
    return new Signer(uid, first().entry().id(), seq);
  }

  static ByteString bytes(int length, int with) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) with);
    return ByteString.copyFrom(bytes);
  }
}
