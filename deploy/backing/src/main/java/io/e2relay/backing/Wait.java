// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Waits for a fact of the operating system, which tells nobody when it comes true.
final class Wait {
  private static final long STEP_MS = 5;

  private Wait() {
  }

  /// False if the fact did not come true in time. An interrupt is kept for the caller: whoever stops a server must end.
  static boolean until(Duration limit, BooleanSupplier fact) {
    long started = System.nanoTime();
    boolean interrupted = false;
    try {
      while (!fact.getAsBoolean()) {
        if (System.nanoTime() - started > limit.toNanos()) {
          return false;
        }
        try {
          Thread.sleep(STEP_MS);
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
