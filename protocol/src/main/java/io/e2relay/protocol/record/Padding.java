// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// Padmé: how long a content is shown to be, which hides its length at a cost of at most 12 %.
public final class Padding {
  public static final int SIZE_MIN = 256;
  /// Of the content of a message, with its length before it.
  public static final int MESSAGE_MAX = 65_536;
  /// Of the content of a SelfBlob, with its length before it.
  public static final int SELF_MAX = 262_144;
  /// The length before the content.
  public static final int LENGTH_BYTES = 4;

  private Padding() {
  }

  /// The size to which that many bytes are padded, but 256 at least.
  public static int size(int length) {
    return Math.toIntExact(size((long) length));
  }

  /// The size to which that many bytes are padded, but 256 at least.
  public static long size(long length) {
    if (length < 0 || length > RecordReader.U64_MAX) {
      throw new IllegalArgumentException("no length: " + length);
    }
    long padded = Math.max(SIZE_MIN, length);
    int exponent = 63 - Long.numberOfLeadingZeros(padded);
    int kept = 32 - Integer.numberOfLeadingZeros(exponent);
    long mask = (1L << (exponent - kept)) - 1;
    return (padded + mask) & ~mask;
  }

  /// Whether something is padded to that size, up to a greatest one.
  public static boolean isSize(int size, int max) {
    return size >= SIZE_MIN && size <= max && size(size) == size;
  }
}
