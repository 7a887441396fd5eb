// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// `bench keys` with a service of its own, so small that it says nothing about speed.
@EnabledOnOs(OS.LINUX)
final class KeysBenchIT {
  private static final List<String> OPERATIONS = List.of("add-to-10", "rotate-10", "activate-10");
  private static final List<String> COSTS = List.of("server_us", "postgres_us", "bare_us", "ratio", "ratio_min",
      "ratio_max");

  @TempDir
  Path folder;

  @Test
  void every_operation_is_measured_beside_the_signatures_that_it_makes_the_service_verify() throws Exception {
    List<String> java = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
        System.getProperty("java.class.path"));
    List<String> command = Stream.of(java, List.of("io.e2relay.loadtest.keys.KeysBench", "2", "11", "3", "--"), java,
        List.of("io.e2relay.deploy.Main")).flatMap(List::stream).toList();
    try (Program bench = Program.start(folder, Map.of("LC_ALL", "C"), command)) {
      assertEquals(0, bench.exit(600), bench.lines().toString());
      JsonArray results = new JsonObject("{\"bench\":" + bench.said("{\"bench\":")).getJsonArray("results");
      List<JsonObject> all = IntStream.range(0, results.size()).mapToObj(results::getJsonObject).toList();
      assertEquals(OPERATIONS, all.stream().map(one -> one.getString("op")).toList());
      for (JsonObject one : all) {
        COSTS.forEach(cost -> assertTrue(one.getDouble(cost) > 0, one::encode));
        assertTrue(bench.lines().stream().anyMatch(line -> line.startsWith(one.getString("op") + " ")),
            bench.lines().toString());
        assertTrue(bench.said("shown: bench name=keys op=" + one.getString("op") + " ").endsWith(" rounds=2"),
            bench.lines().toString());
      }
      // The record's signature; of each account the root's and the device's.
      assertEquals(List.of(1, 1, 21), all.stream().map(one -> one.getInteger("signatures")).toList());
      Shown.line("bench_keys operations=%d rounds=2 size=10".formatted(all.size()));
    }
  }
}
