// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.vertx.core.buffer.Buffer;

/// Counts the data frames in a stream of WebSocket frames from a server (RFC 6455 §5.2) without looking into them, so
/// that who listens costs as little as possible.
final class FrameWalk {
  private static final int HEADER_BYTES_MAX = 10;
  private static final int LENGTH_MASK = 0x7f;
  private static final int TWO_BYTES = 126;
  private static final int EIGHT_BYTES = 127;
  private static final int OPCODE_MASK = 0x0f;
  private static final int BINARY = 2;
  private static final int BYTE_MASK = 0xff;

  private final byte[] header = new byte[HEADER_BYTES_MAX];
  private final int payloadMin;
  private final int payloadMax;
  private int headerBytes;
  private long left;
  private boolean counts;

  /// Counts frames of so many bytes.
  FrameWalk(int payloadMin, int payloadMax) {
    this.payloadMin = payloadMin;
    this.payloadMax = payloadMax;
  }

  /// How many frames ended in this piece of the stream.
  int ended(Buffer piece) {
    int ended = 0;
    int at = 0;
    while (at < piece.length()) {
      if (left > 0) {
        int step = (int) Math.min(left, piece.length() - at);
        at += step;
        left -= step;
        ended += left == 0 && counts ? 1 : 0;
      } else {
        header[headerBytes] = piece.getByte(at);
        headerBytes++;
        at++;
        if (headerBytes >= 2 && headerBytes == headerLength()) {
          begin();
        }
      }
    }
    return ended;
  }

  private void begin() {
    int first = header[1] & LENGTH_MASK;
    left = first;
    if (first >= TWO_BYTES) {
      left = 0;
      for (int i = 2; i < headerBytes; i++) {
        left = (left << 8) | (header[i] & BYTE_MASK);
      }
    }
    counts = (header[0] & OPCODE_MASK) == BINARY && left >= payloadMin && left <= payloadMax;
    headerBytes = 0;
  }

  private int headerLength() {
    return switch (header[1] & LENGTH_MASK) {
      case TWO_BYTES -> 4;
      case EIGHT_BYTES -> HEADER_BYTES_MAX;
      default -> 2;
    };
  }
}
