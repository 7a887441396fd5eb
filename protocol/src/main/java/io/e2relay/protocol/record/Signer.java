// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import java.util.function.Supplier;

/// Who signed: a user, its device, and the AccountRecord that has the device's key.
public record Signer(Uid uid, DeviceId device, long accountSeq) {
  public Signer {
    RecordWriter.requireU64(accountSeq, 1);
  }

  static Supplier<Signer> read(RecordReader in) {
    ByteString uid = in.fixed(Uid.BYTES);
    ByteString device = in.fixed(DeviceId.BYTES);
    long accountSeq = in.u64(1);
    return () -> new Signer(new Uid(uid), new DeviceId(device), accountSeq);
  }

  void write(RecordWriter out) {
    out.bytes(uid.bytes()).bytes(device.bytes()).u64(accountSeq);
  }
}
