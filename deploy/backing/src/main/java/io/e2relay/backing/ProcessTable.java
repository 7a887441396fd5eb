// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/// What the operating system tells about processes, and the signals we send to them.
final class ProcessTable {
  private static final Path PROC = Path.of("/proc");
  private static final boolean HAS_PROC = Files.isDirectory(PROC.resolve("self"));

  enum Signal {
    INT, TERM, QUIT, KILL, STOP, CONT
  }

  private ProcessTable() {
  }

  /// A process that has ended and that its parent has not looked at yet counts as gone.
  static boolean isAlive(long pid) {
    if (!HAS_PROC) {
      return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
    char state = state(pid);
    return state != 'Z' && state != 'X';
  }

  static boolean isFrozen(long pid) {
    return HAS_PROC ? state(pid) == 'T' : commandLine("state=", pid).startsWith("T");
  }

  /// The process and everything it started that is still there.
  static List<Long> family(long pid) {
    List<Long> all = new ArrayList<>(List.of(pid));
    ProcessHandle.of(pid).ifPresent(
        parent -> parent.descendants().map(ProcessHandle::pid).filter(ProcessTable::isAlive).forEach(all::add));
    return all;
  }

  static void send(Signal signal, Collection<Long> pids) {
    if (pids.isEmpty()) {
      return;
    }
    // The shell's own kill, because a slim image may lack the program. Who is gone already is not worth a word.
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "kill -s \"$0\" \"$@\"", signal.name()));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    Programs.succeeds(command);
  }

  static boolean awaitGone(Collection<Long> pids, Duration limit) {
    return Wait.until(limit, () -> pids.stream().noneMatch(ProcessTable::isAlive));
  }

  /// Whether this pid is that program at work on that folder, and not a stranger who got a dead server's number.
  static boolean worksOn(long pid, String program, Path folder) {
    if (!HAS_PROC) {
      String line = commandLine("command=", pid);
      return line.contains(program) && line.contains(folder.toString());
    }
    Path process = PROC.resolve(Long.toString(pid));
    try {
      return Files.readString(process.resolve("comm")).strip().equals(program) && isIn(process, folder);
    } catch (IOException _) {
      // It is gone.
      return false;
    }
  }

  /// All processes of that program that work on that folder; without /proc only those of our own family.
  static List<Long> workersOn(String program, Path folder) {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.map(ProcessHandle::pid).filter(pid -> HAS_PROC && worksOn(pid, program, folder) && isAlive(pid))
          .toList();
    }
  }

  private static boolean isIn(Path process, Path folder) throws IOException {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).equals(folder);
    } catch (AccessDeniedException _) {
      // A root without all its powers may not look into who stepped down; the command names the folder too.
      return Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1).contains(folder.toString());
    }
  }

  private static char state(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
      // The name in brackets may itself hold brackets and spaces.
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException _) {
      return 'X';
    }
  }

  private static String commandLine(String column, long pid) {
    try {
      Process ps = new ProcessBuilder("ps", "-ww", "-o", column, "-p", Long.toString(pid)).start();
      try (var out = ps.inputReader()) {
        return String.join(" ", out.readAllLines());
      }
    } catch (IOException _) {
      return "";
    }
  }
}
