// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import io.e2relay.protocol.frame.FrameCodec;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;

/// A server frame as the bytes of one whole WebSocket frame (RFC 6455 §5.2), so that many sockets can share them.
public final class WireBytes {
  private static final int FINAL_TEXT = 0x81;
  private static final int FINAL_BINARY = 0x82;
  private static final int HEADER_BYTES_MAX = 10;

  private WireBytes() {
  }

  /// The caller owns the one reference.
  public static ByteBuf of(Subprotocol subprotocol, ServerFrame frame) {
    byte[] payload = switch (subprotocol) {
      case PROTOBUF -> FrameCodec.encodeBinary(frame);
      case JSON -> FrameCodec.encodeText(frame).getBytes(StandardCharsets.UTF_8);
    };
    ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(HEADER_BYTES_MAX + payload.length);
    bytes.writeByte(switch (subprotocol) {
      case PROTOBUF -> FINAL_BINARY;
      case JSON -> FINAL_TEXT;
    });
    if (payload.length < 126) {
      bytes.writeByte(payload.length);
    } else if (payload.length <= 0xffff) {
      bytes.writeByte(126).writeShort(payload.length);
    } else {
      bytes.writeByte(127).writeLong(payload.length);
    }
    return bytes.writeBytes(payload);
  }
}
