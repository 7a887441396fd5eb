// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// A command of the server in a process of its own, from the class path of the tests.
final class UpProcess implements AutoCloseable {
  private static final long LIMIT_SECONDS = 120;

  private final Process process;
  private final Path out;
  private final Path err;

  private UpProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  static UpProcess start(Path scratch, String... arguments) throws IOException {
    return start(scratch, Map.of(), arguments);
  }

  static UpProcess start(Path scratch, Map<String, String> environment, String... arguments) throws IOException {
    Path out = Files.createTempFile(scratch, "out", ".txt");
    Path err = Files.createTempFile(scratch, "err", ".txt");
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
        System.getProperty("java.class.path"), "io.e2relay.deploy.Main"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("E2RELAY_"));
    builder.environment().putAll(environment);
    return new UpProcess(builder.start(), out, err);
  }

  /// Returns once it says that it is up.
  UpProcess awaitUp() {
    await(() -> out().contains("Ctrl-C") || !process.isAlive());
    if (!process.isAlive()) {
      throw new AssertionError("ended with " + process.exitValue() + ": " + out() + err());
    }
    return this;
  }

  /// Returns once that file is there: how far the start has come.
  UpProcess awaitFile(Path file) {
    await(() -> Files.exists(file));
    return this;
  }

  int awaitExit() throws InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("still runs: " + out() + err());
    }
    return process.exitValue();
  }

  /// SIGTERM, as a service manager sends it.
  int terminate() throws InterruptedException {
    process.destroy();
    return awaitExit();
  }

  /// SIGKILL: no hook runs.
  void kill() throws InterruptedException {
    process.destroyForcibly();
    awaitExit();
  }

  String out() {
    return read(out);
  }

  String err() {
    return read(err);
  }

  /// What follows the name on its line of the announcement.
  String line(String name) {
    return out().lines().map(String::strip).filter(line -> line.startsWith(name + " "))
        .map(line -> line.substring(name.length()).strip()).findFirst().orElseThrow();
  }

  /// Every address that it or a child listens at (Linux), as in /proc/net.
  Set<String> listening() throws IOException {
    Set<String> sockets = new HashSet<>();
    for (ProcessHandle one : Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList()) {
      try (Stream<Path> descriptors = Files.list(Path.of("/proc", String.valueOf(one.pid()), "fd"))) {
        for (Path descriptor : descriptors.toList()) {
          sockets.add(target(descriptor));
        }
      }
    }
    Set<String> addresses = new HashSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String row : Files.readAllLines(Path.of("/proc/net", table))) {
        String[] columns = row.strip().split("\\s+");
        if (columns.length > 9 && columns[3].equals("0A") && sockets.contains("socket:[" + columns[9] + "]")) {
          addresses.add(columns[1].substring(0, columns[1].indexOf(':')).toUpperCase(Locale.ROOT));
        }
      }
    }
    return addresses;
  }

  /// The processes of this machine whose command line names the folder.
  static List<String> workingOn(Path folder) {
    return ProcessHandle.allProcesses().map(one -> one.info().commandLine().orElse(""))
        .filter(line -> line.contains(folder.toString()) && !line.contains("io.e2relay.deploy.Main")).toList();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  static void await(BooleanSupplier fact) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!fact.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it did not come within " + LIMIT_SECONDS + " s");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  @Override
  public void close() {
    process.destroy();
    await(() -> !process.isAlive());
  }

  private static String target(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException _) {
      // Closed since it was listed.
      return "";
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
