// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Decoded;
import io.e2relay.protocol.frame.FrameCodec;
import io.e2relay.protocol.frame.Subprotocol;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Puts fragments together and decodes whole messages. Lengths and opcodes were judged by FrameScan before.
final class Inbound {
  private final Subprotocol subprotocol;
  private final Consumer<Decoded> receiver;
  private @Nullable Buffer fragments;

  Inbound(Subprotocol subprotocol, Consumer<Decoded> receiver) {
    this.subprotocol = subprotocol;
    this.receiver = receiver;
  }

  void frame(WebSocketFrame frame) {
    if (!frame.isText() && !frame.isBinary() && !frame.isContinuation()) {
      return;
    }
    Buffer message = frame.binaryData();
    Buffer before = fragments;
    if (before != null) {
      message = before.appendBuffer(message);
    } else if (!frame.isFinal()) {
      message = Buffer.buffer(message.getBytes());
    }
    if (frame.isFinal()) {
      fragments = null;
      receiver.accept(decode(message.getBytes()));
    } else {
      fragments = message;
    }
  }

  private Decoded decode(byte[] message) {
    return switch (subprotocol) {
      case PROTOBUF -> FrameCodec.decodeBinary(message);
      case JSON -> {
        try {
          yield FrameCodec.decodeText(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message)).toString());
        } catch (CharacterCodingException _) {
          yield new Decoded.Malformed(0, ErrorCode.MALFORMED, "not UTF-8");
        }
      }
    };
  }
}
