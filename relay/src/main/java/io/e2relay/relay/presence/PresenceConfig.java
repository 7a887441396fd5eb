// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import io.e2relay.protocol.config.Settings;
import java.time.Duration;

/// How long a node and its connections are believed in, and how their entries are kept alive.
public record PresenceConfig(Duration lease, Duration ttl, Duration refresh, int batch, int pending) {

  public static PresenceConfig read(Settings settings) {
    PresenceConfig config = new PresenceConfig(
        settings.millis("relay.presence.lease.ms", 10_000, 3_000, 60_000,
            "How long a node counts as alive in Redis after it last said so; it says so three times as often."),
        settings.millis("relay.presence.ttl.ms", 60_000, 10_000, 600_000,
            "How long a connection's entry in Redis counts after it was last refreshed."),
        settings.millis("relay.presence.refresh.ms", 25_000, 1_000, 300_000,
            "How often a node refreshes the entries of its connections; at most half of the ttl."),
        settings.number("relay.presence.batch.max", 500, 1, 5_000,
            "Entries that are written to Redis in one pipelined batch."),
        settings.number("relay.presence.pending.max", 10_000, 100, 1_000_000,
            "Changes that wait for Redis; beyond them all entries are written again later."));
    if (config.refresh.multipliedBy(2).compareTo(config.ttl) > 0) {
      settings.mistake("relay.presence.refresh.ms", "must be at most half of relay.presence.ttl.ms");
    }
    return config;
  }

  /// Two of these may be lost before the lease is.
  Duration leaseRefresh() {
    return lease.multipliedBy(3).dividedBy(10);
  }
}
