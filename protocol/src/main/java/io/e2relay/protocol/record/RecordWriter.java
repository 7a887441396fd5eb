// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;

/// Writes a record, and refuses what its reader would refuse.
final class RecordWriter {
  private static final int VERSION = 1;
  private static final int SUITE = 1;

  private final ByteString.Output out;

  RecordWriter(int sizeHint) {
    this.out = ByteString.newOutput(sizeHint);
  }

  static void require(boolean condition, Fault otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise.name());
    }
  }

  static void requireU32(long number, long min) {
    require(number >= min && number <= RecordReader.U32_MAX, Fault.OUT_OF_RANGE);
  }

  static void requireU64(long number, long min) {
    require(number >= min && number <= RecordReader.U64_MAX, Fault.OUT_OF_RANGE);
  }

  static void requireLength(ByteString bytes, int length) {
    require(bytes.size() == length, Fault.WRONG_LENGTH);
  }

  RecordWriter version() {
    return u8(VERSION);
  }

  RecordWriter suite() {
    return u16(SUITE);
  }

  RecordWriter oneOf(Numbered one) {
    return u8(one.number());
  }

  RecordWriter u8(long number) {
    return number(number, 1);
  }

  RecordWriter u16(long number) {
    return number(number, 2);
  }

  RecordWriter u32(long number) {
    return number(number, 4);
  }

  RecordWriter u64(long number) {
    return number(number, 8);
  }

  RecordWriter bytes(ByteString bytes) {
    // Not writeTo, whose IOException an Output never throws.
    byte[] copy = bytes.toByteArray();
    out.write(copy, 0, copy.length);
    return this;
  }

  ByteString written() {
    return out.toByteString();
  }

  private RecordWriter number(long number, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      out.write((int) (number >>> shift));
    }
    return this;
  }
}
