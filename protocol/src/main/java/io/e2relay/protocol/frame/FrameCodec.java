// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.util.JsonFormat;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;

/// Turns bytes into checked client frames and server frames into bytes.
///
/// Whatever the bytes are, the answer is a value, and making it takes memory in proportion to them.
public final class FrameCodec {
  private static final Parser<ClientFrame> PARSER = DiscardUnknownFieldsParser.wrap(ClientFrame.parser());
  private static final JsonFormat.Printer PRINTER = JsonFormat.printer().omittingInsignificantWhitespace();

  private FrameCodec() {
  }

  public static Decoded decodeBinary(byte[] frame) {
    if (frame.length > Limits.FRAME_BYTES_MAX) {
      return tooLarge();
    }
    WireScan scan = new WireScan(frame);
    if (!scan.accepts(ClientFrame.getDescriptor())) {
      return malformed(scan.id(), scan.problem());
    }
    try {
      return FrameRules.check(PARSER.parseFrom(frame));
    } catch (InvalidProtocolBufferException _) {
      return malformed(scan.id(), "not a protobuf ClientFrame");
    }
  }

  public static Decoded decodeText(String frame) {
    // A character takes at least one byte on the way, so what is longer was too large there.
    if (frame.length() > Limits.FRAME_BYTES_MAX) {
      return tooLarge();
    }
    return switch (JsonReading.read(frame)) {
      case JsonReading.Outcome.Read(ClientFrame read) -> FrameRules.check(read);
      case JsonReading.Outcome.Unreadable(long id, String problem) -> malformed(id, problem);
    };
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

  private static Decoded malformed(long id, String problem) {
    return new Decoded.Malformed(id, ErrorCode.MALFORMED, problem);
  }

  private static Decoded tooLarge() {
    return new Decoded.Malformed(0, ErrorCode.TOO_LARGE, "the frame is too large");
  }
}
