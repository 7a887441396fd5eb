// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;

/// The node's health as metrics, and those of its JVM.
public final class HealthMetrics implements AutoCloseable {
  private static final String READY = "e2relay_node_ready";
  private static final String DURABLE = "e2relay_node_durable";
  private static final String ALIVE = "e2relay_node_alive";
  private static final String DRAINING = "e2relay_node_draining";

  private final JvmGcMetrics garbage = new JvmGcMetrics();

  public HealthMetrics(MeterRegistry registry, NodeHealth health, Pulse pulse) {
    Gauge.builder(READY, health, h -> number(h.isReady())).description("1 while the node takes connections")
        .strongReference(true).register(registry);
    Gauge.builder(DURABLE, health, h -> number(h.isDurable()))
        .description("1 while PostgreSQL answers and runs with fsync, synchronous_commit and full_page_writes")
        .strongReference(true).register(registry);
    Gauge.builder(DRAINING, health, h -> number(h.isDraining())).description("1 from the request to stop on")
        .strongReference(true).register(registry);
    Gauge.builder(ALIVE, pulse, p -> number(p.isAlive())).description("1 while every event loop ticks")
        .strongReference(true).register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    garbage.bindTo(registry);
  }

  @Override
  public void close() {
    garbage.close();
  }

  private static double number(boolean yes) {
    return yes ? 1 : 0;
  }
}
