// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.loadtest.oracle.Oracle;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The load kit as its user calls it: Maven in its folder, against a running `up`; then the oracle.
final class LoadKitIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir
  private Path folder;
  private Path kit;
  private UpProcess up;

  @BeforeEach
  void start() throws Exception {
    // A copy, so that what Maven writes there disturbs no other build.
    kit = folder.resolve("a clone").resolve("loadtest");
    copy(ROOT.resolve("pom.xml"), kit.resolveSibling("pom.xml"));
    copyTree(ROOT.resolve("protocol/src/main/proto"), kit.resolveSibling("protocol/src/main/proto"));
    copy(ROOT.resolve("loadtest/pom.xml"), kit.resolve("pom.xml"));
    copyTree(ROOT.resolve("loadtest/.mvn"), kit.resolve(".mvn"));
    copyTree(ROOT.resolve("loadtest/src"), kit.resolve("src"));
    up = UpProcess.start(folder, "up", "--data", folder.resolve("data").toString(), "--port",
        String.valueOf(UpProcess.freePort())).awaitUp();
  }

  @AfterEach
  void stop() {
    up.close();
  }

  @Test
  void every_simulation_runs_reports_and_loses_nothing() throws Exception {
    run("SteadyChat", "-Dduration=4", "-Dramp=1");
    run("FanOut", "-Dduration=4", "-Dramp=1", "-Dusers=40", "-DgroupSize=40");
    run("ReconnectStorm", "-Dduration=8", "-Dramp=1", "-Dusers=20", "-DgroupSize=5");
    String refused = maven(1, "SteadyChat", "-Dusers=0");
    assertTrue(refused.contains("-Dusers: is '0', allowed are 2 to 20000"), refused);
  }

  private void run(String simulation, String... properties) throws Exception {
    String said = maven(0, simulation, properties);
    assertFalse(said.contains("gatling.io"), said);
    try (Stream<Path> reports = Files.list(kit.resolve("target/gatling"))) {
      List<Path> all = reports.toList();
      String name = simulation.toLowerCase(Locale.ROOT);
      assertTrue(
          all.stream().anyMatch(
              one -> one.getFileName().toString().startsWith(name) && Files.exists(one.resolve("index.html"))),
          all.toString());
      Path journal = all.stream().filter(one -> one.getFileName().toString().matches(name + "-.*\\.jsonl")).findFirst()
          .orElseThrow();
      ByteArrayOutputStream verdict = new ByteArrayOutputStream();
      int code = Oracle.run(new PrintStream(verdict, true, StandardCharsets.UTF_8), System.err, "--json",
          journal.toString());
      assertEquals(0, code, verdict.toString(StandardCharsets.UTF_8));
      IO.println("shown: load simulation=%s verdict=%s".formatted(simulation,
          verdict.toString(StandardCharsets.UTF_8).strip()));
    }
  }

  private String maven(int expected, String simulation, String... properties) throws Exception {
    List<String> command = new ArrayList<>(List.of("mvn", "-B", "-ntp", "-q", "gatling:test",
        "-Dgatling.simulationClass=io.e2relay.loadtest.simulation." + simulation,
        "-DbaseUrl=" + up.line("page").split(" ", 2)[0].replaceAll("/$", ""),
        // How fast it answers is no matter here, where other tests may keep the machine busy.
        "-DsendP99Ms=30000", "-DconnectP99Ms=30000"));
    command.addAll(List.of(properties));
    Process process = new ProcessBuilder(command).directory(kit.toFile()).redirectErrorStream(true)
        .redirectInput(Path.of("/dev/null").toFile()).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(expected, process.waitFor(), said);
    return said;
  }

  private static void copyTree(Path from, Path to) throws Exception {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void copy(Path from, Path to) throws Exception {
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
  }
}
