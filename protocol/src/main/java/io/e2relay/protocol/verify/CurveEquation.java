// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import java.math.BigInteger;

/// The equation of P-256 in words of 64 bits: every key that is handed out is looked at, a thousand of them with one
/// record, and BigInteger takes several times as long. Nothing here is a secret, so the time it takes may tell.
///
/// Products are Montgomery's: a·b/R with R = 2²⁵⁶. Because p ≡ −1 modulo 2⁶⁴, the multiple of p that clears the lowest
/// word is that word itself.
final class CurveEquation {
  private static final int WORDS = 4;
  private static final long[] P = words(P256.P);
  // (p + 1) / 2⁶⁴ is Q2·2¹²⁸ + 2³².
  private static final long Q2 = 0xffff_ffff_0000_0001L;
  private static final long[] ONE = words(BigInteger.ONE);
  private static final BigInteger PER_R = BigInteger.TWO.pow(256).modInverse(P256.P);
  private static final long[] THREE_PER_R = words(BigInteger.valueOf(3).multiply(PER_R).mod(P256.P));
  private static final long[] B_PER_R2 = words(P256.B.multiply(PER_R).multiply(PER_R).mod(P256.P));

  private CurveEquation() {
  }

  /// Whether y² = x³ − 3x + b with both coordinates below p.
  ///
  /// @param x lowest word first, like y
  static boolean holds(long[] x, long[] y) {
    if (!isBelowP(x) || !isBelowP(y)) {
      return false;
    }
    long[] left = product(product(y, y), ONE);
    // Both sides over R².
    long[] right = sum(product(difference(product(x, x), THREE_PER_R), x), B_PER_R2);
    return left[0] == right[0] && left[1] == right[1] && left[2] == right[2] && left[3] == right[3];
  }

  /// a·b/R modulo p, for numbers below p.
  static long[] product(long[] a, long[] b) {
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    long t4 = 0;
    for (int i = 0; i < WORDS; i++) {
      long by = b[i];
      long low = a[0] * by;
      t0 += low;
      long carry = Math.unsignedMultiplyHigh(a[0], by) + carried(t0, low);
      low = a[1] * by + carry;
      carry = Math.unsignedMultiplyHigh(a[1], by) + carried(low, carry);
      t1 += low;
      carry += carried(t1, low);
      low = a[2] * by + carry;
      carry = Math.unsignedMultiplyHigh(a[2], by) + carried(low, carry);
      t2 += low;
      carry += carried(t2, low);
      low = a[3] * by + carry;
      carry = Math.unsignedMultiplyHigh(a[3], by) + carried(low, carry);
      t3 += low;
      carry += carried(t3, low);
      t4 += carry;
      long t5 = carried(t4, carry);
      // One word less: t/2⁶⁴ + t0·(p + 1)/2⁶⁴.
      long cleared = t0;
      low = cleared << 32;
      t0 = t1 + low;
      carry = (cleared >>> 32) + carried(t0, low);
      t1 = t2 + carry;
      carry = carried(t1, carry);
      low = cleared * Q2 + carry;
      carry = Math.unsignedMultiplyHigh(cleared, Q2) + carried(low, carry);
      t2 = t3 + low;
      carry += carried(t2, low);
      t3 = t4 + carry;
      t4 = t5 + carried(t3, carry);
    }
    return reduced(new long[]{t0, t1, t2, t3}, t4 != 0);
  }

  private static long[] sum(long[] a, long[] b) {
    long[] sum = new long[WORDS];
    return reduced(sum, plus(a, b, sum) != 0);
  }

  private static long[] difference(long[] a, long[] b) {
    long[] difference = new long[WORDS];
    if (minus(a, b, difference) != 0) {
      plus(difference, P, difference);
    }
    return difference;
  }

  /// What has overflowed, or is not below p, less p.
  private static long[] reduced(long[] number, boolean overflowed) {
    if (!overflowed && isBelowP(number)) {
      return number;
    }
    long[] less = new long[WORDS];
    minus(number, P, less);
    return less;
  }

  /// What was carried out of the highest word.
  private static long plus(long[] a, long[] b, long[] sum) {
    long carry = 0;
    for (int i = 0; i < WORDS; i++) {
      long word = a[i] + carry;
      carry = carried(word, carry);
      sum[i] = word + b[i];
      carry += carried(sum[i], word);
    }
    return carry;
  }

  /// What had to be borrowed.
  private static long minus(long[] a, long[] b, long[] difference) {
    long borrow = 0;
    for (int i = 0; i < WORDS; i++) {
      long word = a[i] - borrow;
      borrow = carried(a[i], borrow);
      difference[i] = word - b[i];
      borrow += carried(word, b[i]);
    }
    return borrow;
  }

  private static boolean isBelowP(long[] number) {
    for (int i = WORDS - 1; i >= 0; i--) {
      if (number[i] != P[i]) {
        return Long.compareUnsigned(number[i], P[i]) < 0;
      }
    }
    return false;
  }

  /// 1 if a sum is smaller than what was added, and so has overflowed.
  private static long carried(long sum, long added) {
    return Long.compareUnsigned(sum, added) < 0 ? 1 : 0;
  }

  private static long[] words(BigInteger number) {
    long[] words = new long[WORDS];
    for (int i = 0; i < WORDS; i++) {
      words[i] = number.shiftRight(64 * i).longValue();
    }
    return words;
  }
}
