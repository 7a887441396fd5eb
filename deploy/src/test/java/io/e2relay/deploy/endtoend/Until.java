// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/// Waits for a fact, with a deadline.
final class Until {
  private static final Duration STEP = Duration.ofMillis(20);

  private Until() {
  }

  static void holds(Duration within, String fact, Callable<Boolean> check) {
    long deadline = System.nanoTime() + within.toNanos();
    Exception last = null;
    do {
      try {
        if (check.call()) {
          return;
        }
        last = null;
      } catch (Exception e) {
        last = e;
      }
      LockSupport.parkNanos(STEP.toNanos());
    } while (System.nanoTime() < deadline);
    throw new AssertionError("not within " + within + ": " + fact, last);
  }
}
