// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Several values as one in the vault: each behind its length.
final class Packed {
  private Packed() {
  }

  static ByteString of(ByteString... values) {
    ByteString packed = ByteString.EMPTY;
    for (ByteString value : values) {
      packed = packed.concat(ByteString.copyFrom(ByteBuffer.allocate(Integer.BYTES).putInt(value.size()).flip()))
          .concat(value);
    }
    return packed;
  }

  static List<ByteString> values(ByteString packed) {
    List<ByteString> values = new ArrayList<>();
    int at = 0;
    while (at < packed.size()) {
      int from = at + Integer.BYTES;
      int to = from + packed.substring(at, from).asReadOnlyByteBuffer().getInt();
      values.add(packed.substring(from, to));
      at = to;
    }
    return values;
  }

  static ByteString number(long number) {
    return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
  }

  static long number(ByteString bytes) {
    return bytes.asReadOnlyByteBuffer().getLong();
  }

  static ByteString flag(boolean set) {
    return number(set ? 1 : 0);
  }

  static boolean flag(ByteString bytes) {
    return number(bytes) == 1;
  }

  /// An id as part of a key of the vault.
  static String name(ByteString id) {
    StringBuilder hex = new StringBuilder(2 * id.size());
    id.forEach(octet -> hex.append("%02x".formatted(octet)));
    return hex.toString();
  }
}
