// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.util.Arrays;
import java.util.HexFormat;

/// Bytes as the vectors write them, and what came out of reading some.
final class Octets {
  private Octets() {
  }

  static ByteString hex(String text) {
    return ByteString.copyFrom(HexFormat.of().parseHex(text));
  }

  static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  /// The byte so many times.
  static ByteString times(int value, int count) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) value);
    return ByteString.copyFrom(bytes);
  }

  /// With one bit of that byte turned.
  static ByteString flipped(ByteString bytes, int at) {
    byte[] copy = bytes.toByteArray();
    copy[at] ^= 1;
    return ByteString.copyFrom(copy);
  }

  static <T> T value(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) -> throw new AssertionError("unreadable: " + fault);
    };
  }

  static void assertUnreadable(Fault fault, Reading<?> reading) {
    assertEquals(new Reading.Unreadable<>(fault), reading);
  }
}
