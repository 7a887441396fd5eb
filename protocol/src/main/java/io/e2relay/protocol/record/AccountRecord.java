// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// A link of the chain that tells which keys and devices an account has.
public record AccountRecord(AccountStatement statement, Signature byRoot, Continuity continuity, List<Signature> pops) {
  /// A record with as many devices as there can be and a reset's continuity.
  public static final int BYTES_MAX = 3_980;
  /// A private key wrapped for a device: enc, d, x, y and the tag.
  public static final int DEVICE_WRAP_BYTES = 177;
  private static final int SIZE_HINT = 512;
  private static final int NOBODY = 0;
  private static final int BY_ROOT = 1;
  private static final int BY_DEVICE = 2;

  public AccountRecord {
    pops = List.copyOf(pops);
    RecordWriter.require(continuity instanceof Continuity.None || statement.kind() == AccountKind.IDENTITY_RESET,
        Fault.CONTRADICTION);
    RecordWriter.require(pops.size() == statement.devices().size(), Fault.WRONG_LENGTH);
  }

  public static Reading<AccountRecord> read(ByteString bytes) {
    RecordReader in = new RecordReader(bytes);
    Supplier<AccountStatement> read = AccountStatement.read(in);
    if (in.faulty()) {
      return in.refused();
    }
    AccountStatement statement = read.get();
    Signature byRoot = in.signature();
    Supplier<Continuity> continuity = continuity(in, statement.kind());
    List<Signature> pops = new ArrayList<>();
    for (int i = 0; i < statement.devices().size(); i++) {
      pops.add(in.signature());
    }
    return in.end(() -> new AccountRecord(statement, byRoot, continuity.get(), pops));
  }

  public ByteString bytes() {
    RecordWriter out = new RecordWriter(SIZE_HINT).bytes(statement.tbs()).bytes(byRoot.bytes());
    write(continuity, out);
    pops.forEach(pop -> out.bytes(pop.bytes()));
    return out.written();
  }

  public Hash hash() {
    return statement.hash();
  }

  private static Supplier<Continuity> continuity(RecordReader in, AccountKind kind) {
    int type = in.u8();
    in.require(type <= BY_DEVICE, Fault.UNKNOWN_VALUE);
    in.require(type == NOBODY || kind == AccountKind.IDENTITY_RESET, Fault.CONTRADICTION);
    if (in.faulty() || type == NOBODY) {
      return Continuity.None::new;
    }
    if (type == BY_ROOT) {
      Signature signature = in.signature();
      return () -> new Continuity.ByRoot(signature);
    }
    ByteString device = in.fixed(DeviceId.BYTES);
    Signature signature = in.signature();
    return () -> new Continuity.ByDevice(new DeviceId(device), signature);
  }

  private static void write(Continuity continuity, RecordWriter out) {
    switch (continuity) {
      case Continuity.None _ -> out.u8(NOBODY);
      case Continuity.ByRoot(Signature signature) -> out.u8(BY_ROOT).bytes(signature.bytes());
      case Continuity.ByDevice(DeviceId device, Signature signature) ->
        out.u8(BY_DEVICE).bytes(device.bytes()).bytes(signature.bytes());
    }
  }
}
