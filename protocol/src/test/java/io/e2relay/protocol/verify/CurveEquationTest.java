// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The words compute what BigInteger does.
final class CurveEquationTest {
  private static final BigInteger PER_R = BigInteger.TWO.pow(256).modInverse(P256.P);
  private static final long SEED = Long.getLong("seed", 20_260_401);
  private static final int NUMBERS = 400;

  @Test
  void products_are_those_of_big_integers_at_the_edges_and_in_between() {
    List<BigInteger> numbers = numbers();
    for (BigInteger a : numbers) {
      for (BigInteger b : numbers) {
        assertArrayEquals(words(a.multiply(b).multiply(PER_R).mod(P256.P)), CurveEquation.product(words(a), words(b)),
            () -> a + " * " + b + " with seed " + SEED);
      }
    }
    IO.println("shown: curve-equation products=%d seed=%d".formatted(numbers.size() * numbers.size(), SEED));
  }

  @Test
  void the_equation_holds_where_it_does_for_big_integers() {
    List<BigInteger> numbers = numbers();
    int held = 0;
    for (BigInteger x : numbers) {
      BigInteger right = x.pow(3).subtract(x.multiply(BigInteger.valueOf(3))).add(P256.B).mod(P256.P);
      // p leaves 3 modulo 4: where there is a root, this is one.
      BigInteger root = right.modPow(P256.P.add(BigInteger.ONE).shiftRight(2), P256.P);
      for (BigInteger y : List.of(root, P256.P.subtract(root).mod(P256.P), root.xor(BigInteger.ONE), x)) {
        boolean holds = y.compareTo(P256.P) < 0 && y.pow(2).mod(P256.P).equals(right);
        assertEquals(holds, CurveEquation.holds(words(x), words(y)), () -> x + ", " + y + " with seed " + SEED);
        held += holds ? 1 : 0;
      }
    }
    IO.println("shown: curve-equation points=%d held=%d seed=%d".formatted(4 * numbers.size(), held, SEED));
    assertEquals(true, held > NUMBERS / 2);
  }

  /// Below p: around 0 and p, around every border of a word, and anywhere.
  private static List<BigInteger> numbers() {
    Random random = new Random(SEED);
    List<BigInteger> numbers = new ArrayList<>();
    for (int bits = 0; bits < 256; bits += 32) {
      for (int near = -1; near <= 1; near++) {
        numbers.add(BigInteger.TWO.pow(bits).add(BigInteger.valueOf(near)));
        numbers.add(P256.P.subtract(BigInteger.TWO.pow(bits)).add(BigInteger.valueOf(near)).mod(P256.P));
      }
    }
    while (numbers.size() < NUMBERS) {
      numbers.add(new BigInteger(256, random).mod(P256.P));
    }
    return numbers;
  }

  private static long[] words(BigInteger number) {
    return new long[]{number.longValue(), number.shiftRight(64).longValue(), number.shiftRight(128).longValue(),
        number.shiftRight(192).longValue()};
  }
}
