// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Until;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One `serve --cluster` in a process of its own, that can be stopped, killed, frozen and started again.
final class NodeProcess {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final String name;
  private final String node;
  private final String roles;
  private final Path folder;
  private final int port = ServiceExtension.freePort();
  private final int internalPort = ServiceExtension.freePort();
  private final int membersPort = ServiceExtension.freePort();
  private final int busPort = ServiceExtension.freePort();
  private final Strand members;
  private final Strand bus;
  private @Nullable Process process;

  /// @param name of its files
  /// @param node its name among the nodes
  /// @param sieve for what others send it
  NodeProcess(String name, String node, String roles, Path folder, Sieve sieve) throws IOException {
    this.name = name;
    this.node = node;
    this.roles = roles;
    this.folder = folder;
    this.members = new Strand(membersPort, null);
    this.bus = new Strand(busPort, sieve);
  }

  boolean hasRelay() {
    return roles.contains("relay");
  }

  String url() {
    return "wss://localhost:" + port + "/v1/connect";
  }

  /// Where other nodes find this one.
  String membersAddress() {
    return "127.0.0.1:" + members.port();
  }

  void configure(List<String> common) throws IOException {
    List<String> lines = new ArrayList<>(common);
    lines.addAll(List.of("node.roles = " + roles, "relay.port = " + port, "internal.port = " + internalPort,
        "cluster.node = " + node, "cluster.port = " + membersPort, "cluster.public.port = " + members.port(),
        "cluster.bus.port = " + busPort, "cluster.bus.public.port = " + bus.port()));
    Files.writeString(config(), String.join("\n", lines) + "\n");
  }

  void start() {
    try {
      process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx384m",
          "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
          "io.e2relay.deploy.Main", "serve", "--cluster", "--migrate", "--config", config().toString())
          .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile())).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitReady() {
    Until.holds(START_LIMIT, name + " is ready; see " + log(), () -> ready() == 200);
  }

  /// The HTTP status of the question whether it is ready; 0 when nobody answers.
  int ready() {
    try {
      return get("/health/ready").statusCode();
    } catch (IOException _) {
      return 0;
    }
  }

  /// The sum of all series of a metric.
  long metric(String metric) {
    try {
      return (long) get("/metrics").body().lines()
          .filter(line -> line.startsWith(metric + " ") || line.startsWith(metric + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// All that it has written.
  String said() throws IOException {
    return Files.readString(log());
  }

  long pid() {
    return running().pid();
  }

  /// SIGKILL: no hook runs. Returns when it is gone.
  void kill() throws InterruptedException {
    running().destroyForcibly().waitFor();
  }

  /// SIGTERM, as a service manager sends it; returns at once.
  void terminate() {
    running().destroy();
  }

  int exit() throws InterruptedException {
    if (!running().waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError(name + " still runs; see " + log());
    }
    return running().exitValue();
  }

  void freeze() throws Exception {
    signal("STOP");
  }

  void thaw() throws Exception {
    signal("CONT");
  }

  void cut() {
    members.cut();
    bus.cut();
  }

  void mend() {
    members.mend();
    bus.mend();
  }

  /// Whatever state it is in, afterwards it is gone.
  void end() throws Exception {
    mend();
    Process last = process;
    if (last != null && last.isAlive()) {
      thaw();
      last.destroy();
      if (!last.waitFor(30, TimeUnit.SECONDS)) {
        last.destroyForcibly().waitFor();
      }
    }
    members.close();
    bus.close();
  }

  private void signal(String signal) throws Exception {
    Process sent = new ProcessBuilder("kill", "-" + signal, String.valueOf(running().pid())).inheritIO().start();
    if (sent.waitFor() != 0) {
      throw new IllegalStateException("no " + signal + " for " + name);
    }
  }

  private Process running() {
    Process now = process;
    if (now == null) {
      throw new IllegalStateException(name + " was not started");
    }
    return now;
  }

  private Path config() {
    return folder.resolve(name + ".properties");
  }

  private Path log() {
    return folder.resolve(name + ".log");
  }

  private HttpResponse<String> get(String path) throws IOException {
    try {
      return HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + internalPort + path))
          .timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
