// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Labels;
import java.util.Arrays;

/// Bytes joined in the notation of the protocol: integers are big-endian, a label stands behind its length.
final class Joined {
  private byte[] bytes = new byte[128];
  private int size;

  static Joined label(String label) {
    return new Joined().bytes(Labels.of(label));
  }

  Joined bytes(byte[] more) {
    grow(more.length);
    System.arraycopy(more, 0, bytes, size, more.length);
    size += more.length;
    return this;
  }

  Joined bytes(ByteString more) {
    grow(more.size());
    more.copyTo(bytes, size);
    size += more.size();
    return this;
  }

  Joined u8(int number) {
    return number(number, 1);
  }

  Joined u16(int number) {
    return number(number, 2);
  }

  Joined u32(long number) {
    return number(number, 4);
  }

  Joined u64(long number) {
    return number(number, 8);
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  ByteString toByteString() {
    return ByteString.copyFrom(bytes, 0, size);
  }

  private Joined number(long number, int width) {
    if (number < 0 || (width < 8 && number >>> (8 * width) != 0)) {
      throw new IllegalArgumentException("does not fit into " + width + " bytes: " + number);
    }
    grow(width);
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (number >>> shift);
    }
    return this;
  }

  private void grow(int by) {
    if (bytes.length - size < by) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + by));
    }
  }
}
