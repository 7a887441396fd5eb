// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.record.Point;
import java.math.BigInteger;

/// Tells points of the curve from bytes that only look like one: a key off the curve can betray the other's secret.
public final class Points {
  private static final BigInteger THREE = BigInteger.valueOf(3);

  private Points() {
  }

  /// y² = x³ − 3x + b, with both coordinates below p. Infinity has no such form; the cofactor is 1.
  public static boolean isOnCurve(Point point) {
    BigInteger x = x(point);
    BigInteger y = y(point);
    if (x.compareTo(P256.P) >= 0 || y.compareTo(P256.P) >= 0) {
      return false;
    }
    BigInteger right = x.multiply(x).subtract(THREE).multiply(x).add(P256.B);
    return y.multiply(y).subtract(right).mod(P256.P).signum() == 0;
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
