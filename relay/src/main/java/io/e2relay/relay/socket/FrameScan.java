// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.netty.buffer.ByteBuf;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/// Reads the headers of WebSocket frames as they pass (RFC 6455 §5.2), so that a frame that must not come is known by
/// its first bytes, before any of it is kept.
final class FrameScan {
  private static final int HEADER_BYTES_MAX = 14;
  private static final int CONTROL_BYTES_MAX = 125;
  private static final int FRAGMENTS_MAX = 1_024;
  private static final int CONTINUATION = 0;
  private static final int TEXT = 1;
  private static final int BINARY = 2;
  private static final int CLOSE = 8;
  private static final int PONG = 10;

  private final int dataOpcode;
  private final IntSupplier messageBytesMax;
  private final byte[] header = new byte[HEADER_BYTES_MAX];
  private int headerBytes;
  private long payloadLeft;
  private boolean inMessage;
  private long messageBytes;
  private int fragments;
  private boolean answered;
  private @Nullable CloseCode verdict;

  FrameScan(Subprotocol subprotocol, IntSupplier messageBytesMax) {
    this.dataOpcode = switch (subprotocol) {
      case PROTOBUF -> BINARY;
      case JSON -> TEXT;
    };
    this.messageBytesMax = messageBytesMax;
  }

  /// How many of the readable bytes may pass: all, or those before the frame that `verdict` is about.
  int scan(ByteBuf in) {
    int start = in.readerIndex();
    int end = in.writerIndex();
    int frameStart = start;
    int passed = verdict == null ? end - start : 0;
    int at = start;
    while (at < end) {
      if (payloadLeft > 0) {
        int skipped = (int) Math.min(payloadLeft, end - at);
        payloadLeft -= skipped;
        at += skipped;
      } else {
        if (headerBytes == 0) {
          frameStart = at;
        }
        header[headerBytes++] = in.getByte(at++);
        if (headerBytes >= 2 && headerBytes == headerLength()) {
          headerBytes = 0;
          if (verdict != null) {
            skip();
          } else {
            verdict = judge();
            passed = verdict == null ? passed : frameStart - start;
          }
        }
      }
    }
    return passed;
  }

  /// Why nothing more may pass; null while everything may.
  @Nullable
  CloseCode verdict() {
    return verdict;
  }

  /// Whether a close frame was seen among what may not pass: the answer to ours.
  boolean isAnswered() {
    return answered;
  }

  private void skip() {
    payloadLeft = payloadLength();
    answered |= opcode() == CLOSE;
  }

  private int opcode() {
    return header[0] & 0x0f;
  }

  private int headerLength() {
    int length = header[1] & 0x7f;
    int mask = (header[1] & 0x80) == 0 ? 0 : 4;
    return 2 + mask + (length == 126 ? 2 : length == 127 ? 8 : 0);
  }

  private @Nullable CloseCode judge() {
    boolean last = (header[0] & 0x80) != 0;
    int opcode = opcode();
    payloadLeft = payloadLength();
    boolean reservedBits = (header[0] & 0x70) != 0;
    boolean masked = (header[1] & 0x80) != 0;
    if (reservedBits || !masked) {
      return CloseCode.PROTOCOL;
    }
    if (opcode >= CLOSE) {
      boolean known = opcode <= PONG && last && payloadLeft <= CONTROL_BYTES_MAX;
      return known && !(opcode == CLOSE && payloadLeft == 1) ? null : CloseCode.PROTOCOL;
    }
    if (opcode != (inMessage ? CONTINUATION : dataOpcode)) {
      return CloseCode.PROTOCOL;
    }
    fragments = inMessage ? fragments + 1 : 1;
    long before = inMessage ? messageBytes : 0;
    inMessage = !last;
    if (payloadLeft > messageBytesMax.getAsInt() - before) {
      return CloseCode.TOO_LARGE;
    }
    messageBytes = before + payloadLeft;
    return fragments > FRAGMENTS_MAX ? CloseCode.PROTOCOL : null;
  }

  /// Without end for a length that no number of ours can hold.
  private long payloadLength() {
    int length = header[1] & 0x7f;
    if (length < 126) {
      return length;
    }
    long value = 0;
    for (int i = 2; i < (length == 126 ? 4 : 10); i++) {
      value = (value << 8) | (header[i] & 0xff);
    }
    return value < 0 ? Long.MAX_VALUE : value;
  }
}
