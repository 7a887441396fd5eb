// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Waits for a fact, with a deadline.
public final class Until {
  private static final Duration STEP = Duration.ofMillis(20);

  private Until() {
  }

  public static void holds(Duration within, String fact, Callable<Boolean> check) {
    holds(within, () -> fact, check);
  }

  /// What holds not is said at the end.
  public static void holds(Duration within, Supplier<String> fact, Callable<Boolean> check) {
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
    throw new AssertionError("not within " + within + ": " + fact.get(), last);
  }
}
