// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.config.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class KeyConfigTest {
  @Test
  void names_and_defaults_are_these() {
    Settings settings = new Settings(Map.of());
    assertEquals(new KeyConfig(8, 256, Duration.ofSeconds(1), Duration.ofSeconds(1), 1_000, 2_000, Duration.ofDays(90)),
        KeyConfig.read(settings));
    assertEquals(
        List.of("keys.pool.size=8", "keys.pool.waiting.max=256", "keys.timeout.ms=1000", "keys.detach.timeout.ms=1000",
            "keys.members.max=1000", "keys.list.members.max=2000", "keys.device.idle.days=90"),
        settings.rows().stream().map(row -> row.key() + "=" + row.fallback()).toList());
    assertEquals(List.of(), settings.mistakes());
  }

  @Test
  void a_value_outside_its_bounds_is_named() {
    assertEquals(List.of(), mistakes("1", "10000"));
    assertEquals(
        List.of("keys.pool.size: is '0', allowed is 1 to 200", "keys.members.max: is '10001', allowed is 1 to 10000"),
        mistakes("0", "10001"));
  }

  @Test
  void a_device_may_be_away_for_a_day_to_ten_years() {
    for (String days : List.of("1", "3650")) {
      Settings settings = new Settings(Map.of("keys.device.idle.days", days));
      assertEquals(Duration.ofDays(Long.parseLong(days)), KeyConfig.read(settings).deviceIdle());
      assertEquals(List.of(), settings.mistakes());
    }
    for (String days : List.of("0", "3651")) {
      Settings settings = new Settings(Map.of("keys.device.idle.days", days));
      KeyConfig.read(settings);
      assertEquals(List.of("keys.device.idle.days: is '%s', allowed is 1 to 3650".formatted(days)),
          settings.mistakes());
    }
  }

  private static List<String> mistakes(String poolSize, String membersMax) {
    Settings settings = new Settings(Map.of("keys.pool.size", poolSize, "keys.members.max", membersMax));
    KeyConfig.read(settings);
    return settings.mistakes();
  }
}
