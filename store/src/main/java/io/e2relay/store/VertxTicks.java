// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.vertx.core.Vertx;
import java.time.Duration;

/// The time of the event loop that uses it.
record VertxTicks(Vertx vertx) implements Ticks {

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void after(Duration delay, Runnable task) {
    // Rounded up, so that what is due is due when the task runs; a timer has at least a millisecond.
    vertx.setTimer(Math.max(1, delay.plusNanos(999_999).toMillis()), _ -> task.run());
  }
}
