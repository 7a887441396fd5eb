// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The keys and devices of an account, as they are signed: complete each time, and named by the hash of these bytes.
public record AccountStatement(TenantId tenant, Uid uid, long seq, Hash prev, AccountKind kind, Point ark, long aekGen,
    Point aek, List<Device> devices, long createdMs) {
  public static final int DEVICES_MAX = 16;
  private static final int SIZE_HINT = 512;

  public AccountStatement {
    devices = List.copyOf(devices);
    RecordWriter.requireU64(seq, 1);
    RecordWriter.requireU32(aekGen, 1);
    RecordWriter.require(devices.size() <= DEVICES_MAX, Fault.OUT_OF_RANGE);
    RecordWriter.require(Device.BY_ID.holds(devices), Fault.UNSORTED);
    RecordWriter.requireU64(createdMs, 0);
    RecordWriter.require(consistent(seq, prev, kind, aekGen, devices), Fault.CONTRADICTION);
  }

  static Supplier<AccountStatement> read(RecordReader in) {
    in.version();
    in.suite();
    ByteString tenant = in.fixed(TenantId.BYTES);
    ByteString uid = in.fixed(Uid.BYTES);
    long seq = in.u64(1);
    Hash prev = in.hash();
    AccountKind kind = in.oneOf(AccountKind.values());
    Point ark = in.point();
    long aekGen = in.u32(1);
    Point aek = in.point();
    List<Device> devices = in.ascending(in.count8(DEVICES_MAX), Device::read, Device.BY_ID);
    long createdMs = in.u64(0);
    in.require(in.faulty() || consistent(seq, prev, kind, aekGen, devices), Fault.CONTRADICTION);
    return () -> new AccountStatement(new TenantId(tenant), new Uid(uid), seq, prev, kind, ark, aekGen, aek, devices,
        createdMs);
  }

  private static boolean consistent(long seq, Hash prev, AccountKind kind, long aekGen, List<Device> devices) {
    if ((kind == AccountKind.GENESIS) != (seq == 1)) {
      return false;
    }
    if (seq == 1 && (!prev.equals(Hash.NONE) || aekGen != 1)) {
      return false;
    }
    if (devices.stream().anyMatch(device -> device.addedSeq() > seq)) {
      return false;
    }
    return switch (kind) {
      case GENESIS, DEVICE_ADDED, IDENTITY_RESET -> !devices.isEmpty();
      case DEVICE_REVOKED, AEK_ROTATED, RESET_VETOED -> true;
    };
  }

  /// Exactly the bytes that are signed.
  public ByteString tbs() {
    RecordWriter out = new RecordWriter(SIZE_HINT).version().suite().bytes(tenant.bytes()).bytes(uid.bytes()).u64(seq)
        .bytes(prev.bytes()).oneOf(kind).bytes(ark.bytes()).u32(aekGen).bytes(aek.bytes()).u8(devices.size());
    devices.forEach(device -> device.write(out));
    return out.u64(createdMs).written();
  }

  /// The `record_hash`, which names the record.
  public Hash hash() {
    return Hash.labelled(Labels.ACCOUNT_RECORD, tbs());
  }

  /// What a device signs to show that it has its key and belongs to this account.
  public ByteString possession(Device device) {
    return tenant.bytes().concat(uid.bytes()).concat(ark.bytes()).concat(device.id().bytes())
        .concat(device.dsk().bytes()).concat(device.dek().bytes());
  }

  public Optional<Device> device(DeviceId id) {
    return devices.stream().filter(device -> device.id().equals(id)).findFirst();
  }
}
