// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import java.util.function.Supplier;

/// The open part of a message, bound to its body by the seal and to its sender by the signature.
public record MessageHeader(MessageType type, ConversationId conversation, Epoch epoch, Uid uid, DeviceId device,
    MsgId msgId, long seq, Hash prev, long ttlS) {
  public static final int BYTES = 130;

  public MessageHeader {
    RecordWriter.requireU32(epoch.value(), 1);
    RecordWriter.requireU64(seq, 0);
    RecordWriter.requireU32(ttlS, 0);
    RecordWriter.require(consistent(type, seq, prev, ttlS), Fault.CONTRADICTION);
  }

  static Supplier<MessageHeader> read(RecordReader in) {
    in.version();
    MessageType type = in.oneOf(MessageType.values());
    ByteString conversation = in.fixed(ConversationId.BYTES);
    Epoch epoch = new Epoch(in.u32(1));
    ByteString uid = in.fixed(Uid.BYTES);
    ByteString device = in.fixed(DeviceId.BYTES);
    ByteString msgId = in.fixed(MsgId.BYTES);
    long seq = in.u64(0);
    Hash prev = in.hash();
    long ttlS = in.u32(0);
    in.require(in.faulty() || consistent(type, seq, prev, ttlS), Fault.CONTRADICTION);
    return () -> new MessageHeader(type, new ConversationId(conversation), epoch, new Uid(uid), new DeviceId(device),
        new MsgId(msgId), seq, prev, ttlS);
  }

  private static boolean consistent(MessageType type, long seq, Hash prev, long ttlS) {
    boolean unlinked = prev.equals(Hash.NONE);
    // Later ones may be unlinked too: a device that goes on knows its number and perhaps not what it said before.
    boolean chained = seq > 1 || (seq == 1 && unlinked);
    boolean unchained = seq == 0 && unlinked;
    return switch (type) {
      case CONTENT -> chained;
      case TOMBSTONE -> chained && ttlS == 0;
      case EPHEMERAL -> unchained;
      case RECEIPT -> unchained && ttlS == 0;
    };
  }

  public ByteString bytes() {
    return new RecordWriter(BYTES).version().oneOf(type).bytes(conversation.bytes()).u32(epoch.value())
        .bytes(uid.bytes()).bytes(device.bytes()).bytes(msgId.bytes()).u64(seq).bytes(prev.bytes()).u32(ttlS).written();
  }
}
