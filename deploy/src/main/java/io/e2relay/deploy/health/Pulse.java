// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/// Whether every event loop still ticks. A loop that is blocked serves nobody, and only a restart helps.
public final class Pulse {
  static final Duration SILENCE_MAX = Duration.ofSeconds(5);
  private static final long TICK_MS = 500;

  private final AtomicLongArray lastTickNanos;
  private final AtomicInteger nextLoop = new AtomicInteger();
  private final LongSupplier nanoTime;

  public Pulse(int eventLoops, LongSupplier nanoTime) {
    this.lastTickNanos = new AtomicLongArray(eventLoops);
    this.nanoTime = nanoTime;
    for (int loop = 0; loop < eventLoops; loop++) {
      ticked(loop);
    }
  }

  /// Lets every event loop tick. To be deployed before anything else: instances take loops in turn.
  public Future<String> deploy(Vertx vertx) {
    return vertx.deployVerticle(() -> new Tick(nextLoop.getAndIncrement()),
        new DeploymentOptions().setInstances(lastTickNanos.length()));
  }

  public boolean isAlive() {
    long now = nanoTime.getAsLong();
    for (int loop = 0; loop < lastTickNanos.length(); loop++) {
      if (now - lastTickNanos.get(loop) > SILENCE_MAX.toNanos()) {
        return false;
      }
    }
    return true;
  }

  void ticked(int loop) {
    lastTickNanos.set(loop, nanoTime.getAsLong());
  }

  /// Ticks on the one event loop it was given.
  private final class Tick extends VerticleBase {
    private final int loop;

    Tick(int loop) {
      this.loop = loop;
    }

    @Override
    public Future<?> start() {
      vertx.setPeriodic(0, TICK_MS, _ -> ticked(loop));
      return Future.succeededFuture();
    }
  }
}
