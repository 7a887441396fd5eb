// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import java.util.function.Consumer;

/// Writes and reads frames in the chosen subprotocol.
final class FrameWire {
  private final Subprotocol subprotocol;

  FrameWire(Subprotocol subprotocol) {
    this.subprotocol = subprotocol;
  }

  Future<Void> write(WebSocket socket, ClientFrame frame) {
    return switch (subprotocol) {
      case PROTOBUF -> socket.writeBinaryMessage(Buffer.buffer(frame.toByteArray()));
      case JSON -> socket.writeTextMessage(json(frame));
    };
  }

  /// Hands every frame of the socket to the reader; a frame that cannot be read closes the socket.
  void read(WebSocket socket, Consumer<ServerFrame> reader) {
    switch (subprotocol) {
      case PROTOBUF -> socket.binaryMessageHandler(buffer -> {
        try {
          reader.accept(ServerFrame.parseFrom(buffer.getBytes()));
        } catch (InvalidProtocolBufferException _) {
          socket.close((short) 1002, "not a ServerFrame");
        }
      });
      case JSON -> socket.textMessageHandler(text -> {
        ServerFrame.Builder frame = ServerFrame.newBuilder();
        try {
          JsonFormat.parser().ignoringUnknownFields().merge(text, frame);
        } catch (InvalidProtocolBufferException _) {
          socket.close((short) 1002, "not a ServerFrame");
          return;
        }
        reader.accept(frame.build());
      });
    }
  }

  private static String json(ClientFrame frame) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(frame);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("client frames contain no Any", e);
    }
  }
}
