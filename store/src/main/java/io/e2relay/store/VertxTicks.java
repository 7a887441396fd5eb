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
    if (delay.isZero()) {
      vertx.runOnContext(_ -> task.run());
    } else {
      // Rounded up, so that what is due is due when the task runs.
      vertx.setTimer(delay.plusNanos(999_999).toMillis(), _ -> task.run());
    }
  }
}
