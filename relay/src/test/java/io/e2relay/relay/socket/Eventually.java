// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for a fact, with a deadline.
final class Eventually {
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private Eventually() {
  }

  static void is(BooleanSupplier fact) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestClient.DEADLINE_SECONDS);
    while (!fact.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not come to be");
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }
}
