// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;

/// Turns bytes into checked client frames and server frames into bytes.
public final class FrameCodec {
  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();
  private static final JsonFormat.Printer PRINTER = JsonFormat.printer().omittingInsignificantWhitespace();

  private FrameCodec() {
  }

  public static Decoded decodeBinary(byte[] frame) {
    try {
      return FrameRules.check(ClientFrame.parseFrom(frame));
    } catch (InvalidProtocolBufferException _) {
      return new Decoded.Malformed(0, ErrorCode.MALFORMED, "not a protobuf ClientFrame");
    }
  }

  public static Decoded decodeText(String frame) {
    ClientFrame.Builder builder = ClientFrame.newBuilder();
    try {
      PARSER.merge(frame, builder);
    } catch (InvalidProtocolBufferException _) {
      return new Decoded.Malformed(0, ErrorCode.MALFORMED, "not a JSON ClientFrame");
    }
    return FrameRules.check(builder.build());
  }

  public static byte[] encodeBinary(ServerFrame frame) {
    return frame.toByteArray();
  }

  public static String encodeText(ServerFrame frame) {
    try {
      return PRINTER.print(frame);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("server frames contain no Any", e);
    }
  }
}
