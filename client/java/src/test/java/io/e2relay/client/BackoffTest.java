// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  @Test
  void the_wait_doubles_up_to_ten_seconds_and_never_exceeds_it() {
    SplittableRandom random = new SplittableRandom(1);
    for (int failures = 0; failures < 100; failures++) {
      long whole = Math.min(10_000, 100L << Math.min(failures, 10));
      long delay = Backoff.delayMs(failures, random);
      assertTrue(delay >= whole / 2 && delay <= whole, "after " + failures + " failures: " + delay);
    }
  }
}
