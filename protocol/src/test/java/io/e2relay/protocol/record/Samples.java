// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Records that read well, of every kind and size; no signature in them is one.
final class Samples {
  static final long U32 = RecordReader.U32_MAX;
  static final long U64 = RecordReader.U64_MAX;

  private Samples() {
  }

  static ByteString filled(int length, int with) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) with);
    return ByteString.copyFrom(bytes);
  }

  static Point point(int with) {
    return new Point(filled(1, 4).concat(filled(64, with)));
  }

  static Hash hash(int with) {
    return new Hash(filled(Hash.BYTES, with));
  }

  static Signature signature(int with) {
    return new Signature(filled(Signature.BYTES, with));
  }

  static Signer signer(long accountSeq) {
    return new Signer(new Uid(filled(16, 0xaa)), new DeviceId(filled(16, 0xd1)), accountSeq);
  }

  /// One device in the first record, none in a later one with zero of them.
  static AccountRecord account(int devices, long seq) {
    AccountKind kind = seq == 1 ? AccountKind.GENESIS : AccountKind.AEK_ROTATED;
    return account(devices, seq, kind, new Continuity.None());
  }

  static AccountRecord account(int devices, long seq, AccountKind kind, Continuity continuity) {
    List<Device> all = new ArrayList<>();
    List<Signature> pops = new ArrayList<>();
    for (int i = 0; i < devices; i++) {
      all.add(new Device(new DeviceId(filled(16, 0x40 + i)), point(0x50 + i), point(0x60 + i), 1, i));
      pops.add(signature(0x70 + i));
    }
    return new AccountRecord(new AccountStatement(new TenantId(filled(16, 0x11)), new Uid(filled(16, 0xaa)), seq,
        seq == 1 ? Hash.NONE : hash(0x22), kind, point(0x33), seq == 1 ? 1 : U32, point(0x34), all, seq == 1 ? 0 : U64),
        signature(0x35), continuity, pops);
  }

  static Genesis genesis() {
    return new Genesis(
        new GenesisStatement(new TenantId(filled(16, 0x11)), ConversationType.GROUP, signer(3), hash(0x12),
            filled(32, 0x13), GenesisStatement.NO_PREDECESSOR,
            new Policy(HistoryPolicy.FULL, AddPolicy.ADMINS, RewrapPolicy.HISTORY), 3600, 1_795_212_000_000L),
        signature(0x14));
  }

  static RosterEntry member(int i, RosterState state) {
    Uid uid = new Uid(filled(14, 0xa0).concat(ByteString.copyFrom(new byte[]{(byte) (i >>> 8), (byte) i})));
    return new RosterEntry(uid, i == 0 ? RosterRole.ADMIN : RosterRole.MEMBER, state,
        state == RosterState.ACTIVE ? new AccountKey(1 + i, hash(0x21), 1) : AccountKey.NONE);
  }

  static EpochRecord epoch(int members, long epoch, EpochReason reason, int histLink) {
    List<RosterEntry> roster = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      roster.add(member(i, i % 3 == 2 ? RosterState.PENDING : RosterState.ACTIVE));
    }
    return new EpochRecord(new EpochStatement(new ConversationId(filled(32, 0xc0)), new Epoch(epoch), hash(0x31),
        reason, signer(2), hash(0x32), filled(histLink, 0x33), roster, 7), signature(0x36));
  }

  static Grant grant() {
    return new Grant(new GrantStatement(new ConversationId(filled(32, 0xc0)), new Epoch(7), hash(0xe0),
        new Uid(filled(16, 0xbb)), new AccountKey(2, hash(0x41), 3), GrantKind.REWRAP, signer(5), 9), signature(0x42));
  }

  static MessageHeader header(MessageType type, long seq, long ttlS) {
    return new MessageHeader(type, new ConversationId(filled(32, 0xc0)), new Epoch(7), new Uid(filled(16, 0xaa)),
        new DeviceId(filled(16, 0xd1)), new MsgId(filled(16, 0x01)), seq, seq > 1 ? hash(0x05) : Hash.NONE, ttlS);
  }

  static Envelope content(int padded) {
    return new Envelope(header(MessageType.CONTENT, 42, 60), filled(80 + padded, 0x51), signature(0x52));
  }

  static Envelope tombstone() {
    return new Envelope(header(MessageType.TOMBSTONE, 1, 0), filled(16, 0x53), signature(0x54));
  }

  static Envelope ephemeral() {
    return new Envelope(header(MessageType.EPHEMERAL, 0, 60), filled(80 + 256, 0x55), signature(0x56));
  }

  static Envelope receipt(long upTo) {
    return new Envelope(header(MessageType.RECEIPT, 0, 0), new RecordWriter(8).u64(upTo).written(), signature(0x57));
  }

  static SelfBlob self(int padded) {
    return new SelfBlob(SelfKind.LABELS, 4, filled(113, 0x61), filled(80 + padded, 0x62), signature(0x63));
  }

  static Heads heads(int count) {
    List<Head> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ByteString id = filled(30, 0xc0).concat(ByteString.copyFrom(new byte[]{(byte) (i >>> 8), (byte) i}));
      all.add(new Head(new ConversationId(id), new Epoch(1 + i), hash(0xe0)));
    }
    return new Heads(all);
  }

  static BackupBlob backup(int generations) {
    return new BackupBlob(new KdfParameters(KdfParameters.ITERATIONS_MIN, filled(32, 0x71)), filled(16, 0x72), 5,
        filled(112, 0x73), filled(112, 0x74), filled(239 + 100 * generations, 0x75));
  }
}
