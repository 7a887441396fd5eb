// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import java.util.function.Supplier;

/// A device in an AccountRecord: its key for signing, its key for opening, and since which record it is there.
public record Device(DeviceId id, Point dsk, Point dek, long addedSeq, long addedMs) {
  static final Ascent<Device> BY_ID = new Ascent<>(device -> device.id().bytes());

  public Device {
    RecordWriter.requireU64(addedSeq, 1);
    RecordWriter.requireU64(addedMs, 0);
  }

  static Supplier<Device> read(RecordReader in) {
    ByteString id = in.fixed(DeviceId.BYTES);
    Point dsk = in.point();
    Point dek = in.point();
    long addedSeq = in.u64(1);
    long addedMs = in.u64(0);
    return () -> new Device(new DeviceId(id), dsk, dek, addedSeq, addedMs);
  }

  void write(RecordWriter out) {
    out.bytes(id.bytes()).bytes(dsk.bytes()).bytes(dek.bytes()).u64(addedSeq).u64(addedMs);
  }
}
