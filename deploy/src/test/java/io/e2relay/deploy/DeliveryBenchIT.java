// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The benchmarks run from end to end and tell figures. How good those are is no matter of a test.
final class DeliveryBenchIT {
  private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final List<String> FLAGS = List.of("--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"));

  @Test
  void every_measurement_is_made_against_a_real_service_and_told_as_table_and_json() throws Exception {
    List<String> command = new ArrayList<>(List.of(JAVA));
    command.addAll(FLAGS);
    command.addAll(List.of("io.e2relay.loadtest.delivery.DeliveryBench", "fanout", "pairs", "append", "catchup", "idle",
        "accept", "--rounds", "1", "--seconds", "1", "--size", "20", "--", JAVA));
    command.addAll(FLAGS);
    command.add("io.e2relay.deploy.Main");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectInput(Path.of("/dev/null").toFile())
        .start();
    List<String> said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    assertEquals(0, process.waitFor(), String.join("\n", said));
    JsonObject told = new JsonObject(said.getLast());
    String postgres = told.getJsonObject("ground").getString("postgres");
    assertTrue(postgres.contains(" fsync=on synchronous_commit=on full_page_writes=on "), postgres);
    JsonArray contests = told.getJsonArray("contests");
    List<String> names = IntStream.range(0, contests.size())
        .mapToObj(i -> contests.getJsonObject(i).getString("contest")).toList();
    assertEquals(List.of("fanout ws n=2 w=1", "fanout ws n=2 w=8", "fanout ws n=20 w=1", "fanout ws n=20 w=8",
        "fanout wss n=2 w=1", "fanout wss n=2 w=8", "fanout wss n=20 w=1", "fanout wss n=20 w=8", "pairs ws n=10",
        "pairs wss n=10", "append", "catchup n=200", "idle ws n=80", "idle wss n=80", "accept ws n=40",
        "accept wss n=40"), names);
    names.forEach(name -> assertTrue(
        said.stream().anyMatch(line -> line.startsWith("shown: bench name=" + name.replace(' ', '-') + " ")), name));
    IO.println("shown: bench suites=6 contests=%d".formatted(names.size()));
  }
}
