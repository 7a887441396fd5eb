// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import java.nio.ByteBuffer;

/// An element of GF(2^128) in the bit order of GCM: what an attacker calculates with.
record GaloisElement(long high, long low) {
  static final GaloisElement ZERO = new GaloisElement(0, 0);
  static final GaloisElement ONE = new GaloisElement(1L << 63, 0);
  private static final long POLYNOMIAL = 0xe1L << 56;

  static GaloisElement of(byte[] block) {
    ByteBuffer buffer = ByteBuffer.wrap(block);
    return new GaloisElement(buffer.getLong(), buffer.getLong());
  }

  byte[] block() {
    return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
  }

  boolean isZero() {
    return high == 0 && low == 0;
  }

  GaloisElement plus(GaloisElement other) {
    return new GaloisElement(high ^ other.high, low ^ other.low);
  }

  GaloisElement times(GaloisElement other) {
    long sumHigh = 0;
    long sumLow = 0;
    long shiftedHigh = other.high;
    long shiftedLow = other.low;
    for (int i = 0; i < 128; i++) {
      long bit = i < 64 ? high >>> (63 - i) & 1 : low >>> (127 - i) & 1;
      sumHigh ^= shiftedHigh & -bit;
      sumLow ^= shiftedLow & -bit;
      long carry = shiftedLow & 1;
      shiftedLow = (shiftedLow >>> 1) | (shiftedHigh << 63);
      shiftedHigh = (shiftedHigh >>> 1) ^ (POLYNOMIAL & -carry);
    }
    return new GaloisElement(sumHigh, sumLow);
  }

  GaloisElement power(int exponent) {
    GaloisElement product = ONE;
    for (int i = 0; i < exponent; i++) {
      product = product.times(this);
    }
    return product;
  }

  /// To the power of 2^128 − 2.
  GaloisElement inverse() {
    GaloisElement inverse = ONE;
    GaloisElement square = this;
    for (int i = 1; i < 128; i++) {
      square = square.times(square);
      inverse = inverse.times(square);
    }
    return inverse;
  }
}
