// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.record.Point;
import java.math.BigInteger;
import java.nio.ByteBuffer;

/// Tells points of the curve from bytes that only look like one: a key off the curve can betray the other's secret.
public final class Points {
  private Points() {
  }

  /// y² = x³ − 3x + b, with both coordinates below p. Infinity has no such form; the cofactor is 1.
  public static boolean isOnCurve(Point point) {
    ByteBuffer bytes = point.bytes().asReadOnlyByteBuffer().slice();
    return CurveEquation.holds(words(bytes, 1), words(bytes, 1 + P256.COORDINATE_BYTES));
  }

  /// The lowest first.
  private static long[] words(ByteBuffer bytes, int from) {
    return new long[]{bytes.getLong(from + 24), bytes.getLong(from + 16), bytes.getLong(from + 8), bytes.getLong(from)};
  }

  static BigInteger x(Point point) {
    return coordinate(point, 1);
  }

  static BigInteger y(Point point) {
    return coordinate(point, 1 + P256.COORDINATE_BYTES);
  }

  private static BigInteger coordinate(Point point, int from) {
    return new BigInteger(1, point.bytes().substring(from, from + P256.COORDINATE_BYTES).toByteArray());
  }
}
