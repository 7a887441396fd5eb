// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.signature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SignatureChoiceTest {
  private static final int MESSAGES = 16_000;

  @Test
  void none_one_in_sixteen_or_all_are_looked_at() {
    assertEquals(0, chosen(SignatureChoice.OFF));
    assertEquals(MESSAGES, chosen(SignatureChoice.ALL));
    long sampled = chosen(SignatureChoice.SAMPLED);
    assertTrue(sampled > 800 && sampled < 1_200, () -> "looked at " + sampled);
  }

  private static long chosen(SignatureChoice choice) {
    RandomGenerator random = new SplittableRandom(1);
    return IntStream.range(0, MESSAGES).filter(_ -> choice.falls(random)).count();
  }
}
