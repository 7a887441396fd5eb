// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Reads what was sealed, from left to right, and keeps the first fault; behind it there are only zeros, which nobody
/// sees.
final class Fields {
  static final long U64_MAX = (1L << 53) - 1;

  private final ByteString bytes;
  private int position;
  private @Nullable Fault fault;

  Fields(ByteString bytes) {
    this.bytes = bytes;
  }

  boolean faulty() {
    return fault != null;
  }

  void require(boolean condition, Fault otherwise) {
    if (!condition && fault == null) {
      fault = otherwise;
    }
  }

  int u8() {
    return (int) number(1);
  }

  int u16() {
    return (int) number(2);
  }

  long u32(long min) {
    return atLeast(min, number(4));
  }

  long u64(long min) {
    long number = number(8);
    require(number >= 0 && number <= U64_MAX, Fault.OUT_OF_RANGE);
    return atLeast(min, number);
  }

  Hash hash() {
    return new Hash(bytes(Hash.BYTES));
  }

  ByteString bytes(int length) {
    require(length <= bytes.size() - position, Fault.TRUNCATED);
    if (faulty()) {
      return ByteString.copyFrom(new byte[length]);
    }
    position += length;
    return bytes.substring(position - length, position);
  }

  /// Ends the reading: nothing may be left, and only what has no fault is built.
  <T> Reading<T> end(Supplier<T> build) {
    require(position == bytes.size(), Fault.TRAILING_BYTES);
    return fault == null ? new Reading.Read<>(build.get()) : new Reading.Unreadable<>(fault);
  }

  private long atLeast(long min, long number) {
    require(number >= min, Fault.OUT_OF_RANGE);
    return number;
  }

  private long number(int width) {
    long number = 0;
    for (byte each : bytes(width)) {
      number = number << 8 | (each & 0xff);
    }
    return number;
  }
}
