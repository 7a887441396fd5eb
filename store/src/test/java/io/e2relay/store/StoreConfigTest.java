// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.config.Settings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StoreConfigTest {

  @Test
  void names_defaults_and_bounds_are_these() {
    Settings settings = new Settings(Map.of());
    StoreConfig.read(settings);
    assertEquals(
        List.of("store.batch.items = 64 (1 to 1024)", "store.batch.bytes = 1048576 (1024 to 16777216)",
            "store.batch.delay.ms = 2 (0 to 100)", "store.queue.items = 8192 (1 to 1000000)",
            "store.queue.bytes = 67108864 (1048576 to 1073741824)", "store.append.deadline.ms = 1500 (100 to 10000)",
            "store.page.entries = 100 (1 to 1000)", "store.page.bytes = 262144 (1024 to 393216)",
            "store.read.waiting = 1000 (1 to 100000)", "store.read.deadline.ms = 1500 (100 to 10000)",
            "store.append.connections = 4 (1 to 32)", "store.read.connections = 4 (1 to 32)",
            "store.connect.timeout.ms = 1000 (50 to 10000)", "store.statement.timeout.ms = 1000 (50 to 10000)",
            "store.body.bytes = 67584 (1 to 393216)", "store.heads = 1000 (1 to 10000)"),
        settings.rows().stream().map(row -> row.key() + " = " + row.fallback() + " (" + row.allowed() + ")").toList());
  }

  @Test
  void a_value_out_of_bounds_is_named() {
    Settings settings = new Settings(Map.of("store.batch.items", "0", "store.queue.items", "5"));
    StoreConfig config = StoreConfig.read(settings);
    assertEquals(List.of("store.batch.items: is '0', allowed is 1 to 1024"), settings.mistakes());
    assertEquals(5, config.queue().items());
  }
}
