// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/// How the registry in Redis fares.
public final class PresenceMetrics {
  private final AtomicInteger up = new AtomicInteger();
  private final Counter rewrites;
  private final Counter dropped;

  public PresenceMetrics(MeterRegistry registry) {
    Gauge.builder("e2relay_redis_up", up, AtomicInteger::get).description("1 while Redis answers this node, else 0")
        .register(registry);
    rewrites = Counter.builder("e2relay_redis_rewrites_total")
        .description("Times this node wrote all its entries to Redis again").register(registry);
    dropped = Counter.builder("e2relay_redis_dropped_total")
        .description("Changes that were not queued for Redis because too many waited").register(registry);
  }

  void redisUp() {
    up.set(1);
  }

  void redisDown() {
    up.set(0);
  }

  void rewrote() {
    rewrites.increment();
  }

  void dropped() {
    dropped.increment();
  }
}
