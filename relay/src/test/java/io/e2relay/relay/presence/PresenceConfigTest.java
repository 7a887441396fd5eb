// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.config.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PresenceConfigTest {

  @Test
  void the_defaults_are_as_documented() {
    Settings settings = new Settings(Map.of());
    PresenceConfig config = PresenceConfig.read(settings);
    assertEquals(new PresenceConfig(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofSeconds(25), 500, 10_000),
        config);
    assertEquals(Duration.ofSeconds(3), config.leaseRefresh());
    assertEquals(List.of(), settings.mistakes());
    assertEquals(
        List.of("relay.presence.lease.ms", "relay.presence.ttl.ms", "relay.presence.refresh.ms",
            "relay.presence.batch.max", "relay.presence.pending.max"),
        settings.rows().stream().map(Settings.Row::key).toList());
  }

  @Test
  void entries_are_refreshed_at_least_twice_in_their_time() {
    assertEquals(List.of(), mistakes(Map.of("relay.presence.ttl.ms", "60000", "relay.presence.refresh.ms", "30000")));
    assertEquals(List.of("relay.presence.refresh.ms: must be at most half of relay.presence.ttl.ms"),
        mistakes(Map.of("relay.presence.ttl.ms", "60000", "relay.presence.refresh.ms", "30001")));
  }

  private static List<String> mistakes(Map<String, String> values) {
    Settings settings = new Settings(values);
    PresenceConfig.read(settings);
    return settings.mistakes();
  }
}
