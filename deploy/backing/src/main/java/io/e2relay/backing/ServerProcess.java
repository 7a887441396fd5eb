// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.backing.ProcessTable.Signal;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A program that runs as our child and that never outlives us, except when we are killed.
final class ServerProcess {
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
  private static final Set<ServerProcess> RUNNING = new LinkedHashSet<>();
  private static boolean hooked;
  private static boolean exiting;

  private final Process process;
  private final Signal politely;
  private final Duration patience;

  private ServerProcess(Process process, Signal politely, Duration patience) {
    this.process = process;
    this.politely = politely;
    this.patience = patience;
  }

  /// @param politely the signal that asks the program to end, and `patience` how long it may take before it is killed
  static ServerProcess spawn(List<String> command, Path folder, File input, File log, Signal politely,
      Duration patience) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectInput(input)
        .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log));
    // Variables such as PGOPTIONS or LC_MESSAGES must not change what we start.
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.putAll(Map.of("PATH", "/usr/bin:/bin", "LC_ALL", "C", "TZ", "UTC"));
    synchronized (RUNNING) {
      if (exiting) {
        throw new BackingException(Problem.FAILED, "No server can be started while this process ends.");
      }
      if (!hooked) {
        Runtime.getRuntime().addShutdownHook(new Thread(ServerProcess::stopAll, "backing-exit"));
        hooked = true;
      }
      try {
        ServerProcess server = new ServerProcess(builder.start(), politely, patience);
        RUNNING.add(server);
        return server;
      } catch (IOException e) {
        throw BackingException.of("Starting " + command.getFirst(), e);
      }
    }
  }

  /// From now on the caller's own exit hook stops this server, after everything that uses it.
  void leaveExitToCaller() {
    synchronized (RUNNING) {
      RUNNING.remove(this);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// The exit code, or -1 if the program did not end in time and was killed.
  int awaitEnd(Duration limit) {
    boolean ended = Wait.until(limit, () -> !process.isAlive());
    if (!ended) {
      kill();
      return -1;
    }
    leaveExitToCaller();
    return process.exitValue();
  }

  void stop() {
    if (process.isAlive()) {
      // A frozen program hears nothing before it is thawed.
      thaw();
      ProcessTable.send(politely, List.of(pid()));
      if (!Wait.until(patience, () -> !process.isAlive())) {
        kill();
      }
    }
    leaveExitToCaller();
  }

  /// As a power failure would: nobody may finish anything. Returns when the program and its children are gone.
  void kill() {
    if (process.isAlive()) {
      List<Long> family = ProcessTable.family(pid());
      ProcessTable.send(Signal.KILL, family);
      ProcessTable.awaitGone(family, KILL_LIMIT);
      Wait.until(KILL_LIMIT, () -> !process.isAlive());
    }
    leaveExitToCaller();
  }

  void freeze() {
    if (!process.isAlive()) {
      return;
    }
    // The parent first, so that it starts no further children meanwhile.
    ProcessTable.send(Signal.STOP, List.of(pid()));
    Wait.until(KILL_LIMIT, () -> ProcessTable.isFrozen(pid()));
    List<Long> family = ProcessTable.family(pid());
    ProcessTable.send(Signal.STOP, family);
    Wait.until(KILL_LIMIT,
        () -> family.stream().allMatch(pid -> ProcessTable.isFrozen(pid) || !ProcessTable.isAlive(pid)));
  }

  void thaw() {
    if (process.isAlive() && ProcessTable.isFrozen(pid())) {
      List<Long> family = new ArrayList<>(ProcessTable.family(pid()));
      ProcessTable.send(Signal.CONT, family.reversed());
    }
  }

  private static void stopAll() {
    List<ServerProcess> left;
    synchronized (RUNNING) {
      exiting = true;
      left = List.copyOf(RUNNING);
    }
    left.forEach(ServerProcess::stop);
  }
}
