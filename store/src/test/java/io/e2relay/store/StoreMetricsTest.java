// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.error.ErrorCode;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class StoreMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final StoreMetrics metrics = new StoreMetrics(registry);

  @Test
  void names_are_these() {
    assertEquals(
        Set.of("e2relay_store_batch_items", "e2relay_store_commit_seconds", "e2relay_store_appended_total",
            "e2relay_store_duplicates_total", "e2relay_store_read_entries_total", "e2relay_store_connects_failed_total",
            "e2relay_store_connections_given_up_total", "e2relay_store_queue_items", "e2relay_store_refusals_total"),
        // This registry shows the buckets of a histogram as meters of their own.
        registry.getMeters().stream().map(Meter::getId).map(Meter.Id::getName)
            .filter(name -> !name.endsWith(".histogram")).collect(Collectors.toSet()));
  }

  @Test
  void every_event_is_counted() {
    metrics.queued(3);
    metrics.queued(-1);
    metrics.committed(64, Duration.ofMillis(5));
    metrics.appended();
    metrics.duplicate();
    metrics.read(7);
    metrics.refused(ErrorCode.STALE_EPOCH);
    metrics.connectFailed();
    metrics.connectionGivenUp();
    assertEquals(2, registry.get("e2relay_store_queue_items").gauge().value());
    assertEquals(64, registry.get("e2relay_store_batch_items").summary().totalAmount());
    assertEquals(1, registry.get("e2relay_store_commit_seconds").timer().count());
    assertEquals(1, registry.get("e2relay_store_appended_total").counter().count());
    assertEquals(1, registry.get("e2relay_store_duplicates_total").counter().count());
    assertEquals(7, registry.get("e2relay_store_read_entries_total").counter().count());
    assertEquals(1, registry.get("e2relay_store_connects_failed_total").counter().count());
    assertEquals(1, registry.get("e2relay_store_connections_given_up_total").counter().count());
    assertEquals(1, registry.get("e2relay_store_refusals_total").tag("code", "STALE_EPOCH").counter().count());
    assertEquals(0, registry.get("e2relay_store_refusals_total").tag("code", "UNAVAILABLE").counter().count());
  }
}
