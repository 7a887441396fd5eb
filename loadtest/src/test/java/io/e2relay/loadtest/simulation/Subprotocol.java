// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.gatling.http.action.ws.WsInboundMessage;

/// The two ways to write the same frames.
enum Subprotocol {
  PROTOBUF("e2r.v1.pb"), JSON("e2r.v1.json");

  private static final JsonFormat.Printer PRINTER = JsonFormat.printer().omittingInsignificantWhitespace();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

  private final String wireName;

  Subprotocol(String wireName) {
    this.wireName = wireName;
  }

  String wireName() {
    return wireName;
  }

  static String text(ClientFrame frame) {
    try {
      return PRINTER.print(frame);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a frame without Any fields can be printed", e);
    }
  }

  static ServerFrame read(byte[] bytes) {
    try {
      return ServerFrame.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the service sent bytes that are no frame", e);
    }
  }

  static ServerFrame read(String text) {
    try {
      ServerFrame.Builder frame = ServerFrame.newBuilder();
      PARSER.merge(text, frame);
      return frame.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the service sent text that is no frame", e);
    }
  }

  static ServerFrame read(WsInboundMessage message) {
    return switch (message) {
      case WsInboundMessage.Binary binary -> read(binary.message());
      case WsInboundMessage.Text text -> read(text.message());
      default -> throw new IllegalArgumentException("neither bytes nor text");
    };
  }
}
