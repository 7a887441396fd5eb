// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.error.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/// What can be counted about the log.
public final class StoreMetrics {
  private final DistributionSummary batchItems;
  private final Timer commit;
  private final Counter appended;
  private final Counter duplicates;
  private final Counter readEntries;
  private final Counter connectsFailed;
  private final Counter connectionsGivenUp;
  private final AtomicInteger queueItems = new AtomicInteger();
  private final Map<ErrorCode, Counter> refusals = new EnumMap<>(ErrorCode.class);

  public StoreMetrics(MeterRegistry registry) {
    batchItems = DistributionSummary.builder("e2relay_store_batch_items").description("Messages in one commit.")
        .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128).register(registry);
    commit = Timer.builder("e2relay_store_commit_seconds").description("Time of one commit, as PostgreSQL took it.")
        .serviceLevelObjectives(Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(5), Duration.ofMillis(10),
            Duration.ofMillis(25), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(250),
            Duration.ofSeconds(1))
        .register(registry);
    appended = Counter.builder("e2relay_store_appended_total").description("Messages stored.").register(registry);
    duplicates = Counter.builder("e2relay_store_duplicates_total")
        .description("Messages that had been stored by an earlier try.").register(registry);
    readEntries = Counter.builder("e2relay_store_read_entries_total").description("Entries given to readers.")
        .register(registry);
    connectsFailed = Counter.builder("e2relay_store_connects_failed_total")
        .description("Tries to connect to PostgreSQL that failed.").register(registry);
    connectionsGivenUp = Counter.builder("e2relay_store_connections_given_up_total")
        .description("Connections to PostgreSQL closed because they answered nothing in time.").register(registry);
    Gauge.builder("e2relay_store_queue_items", queueItems, AtomicInteger::get)
        .description("Messages that wait or are being stored.").register(registry);
    for (ErrorCode code : ErrorCode.values()) {
      refusals.put(code, Counter.builder("e2relay_store_refusals_total").description("Refusals, by code.")
          .tag("code", code.name()).register(registry));
    }
  }

  void queued(int change) {
    queueItems.addAndGet(change);
  }

  void committed(int items, Duration took) {
    batchItems.record(items);
    commit.record(took);
  }

  void appended() {
    appended.increment();
  }

  void duplicate() {
    duplicates.increment();
  }

  void read(int entries) {
    readEntries.increment(entries);
  }

  void refused(ErrorCode code) {
    Counter counter = refusals.get(code);
    if (counter != null) {
      counter.increment();
    }
  }

  void connectFailed() {
    connectsFailed.increment();
  }

  void connectionGivenUp() {
    connectionsGivenUp.increment();
  }
}
