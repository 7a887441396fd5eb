// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.measure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// What processes have spent on the processors, in the nanoseconds of Linux's own account of each of their threads; it
/// does not grow while they wait, however busy the machine is with others.
public final class CpuAccount {
  private static final Path PROCESSES = Path.of("/proc");

  private final Supplier<Stream<ProcessHandle>> processes;
  // A thread that has ended has no account any more: its last one counts on.
  private final Map<Path, Long> nanosByThread = new HashMap<>();

  private CpuAccount(Supplier<Stream<ProcessHandle>> processes) {
    this.processes = processes;
  }

  /// Of one process, without its children.
  public static CpuAccount of(ProcessHandle process) {
    return new CpuAccount(() -> Stream.of(process));
  }

  /// Of a process and all below it.
  public static CpuAccount ofTree(ProcessHandle root) {
    return new CpuAccount(() -> Stream.concat(Stream.of(root), root.descendants()));
  }

  public long nanos() {
    processes.get().forEach(this::read);
    return nanosByThread.values().stream().mapToLong(Long::longValue).sum();
  }

  private void read(ProcessHandle process) {
    for (Path thread : threads(PROCESSES.resolve(Long.toString(process.pid())).resolve("task"))) {
      try {
        String account = Files.readString(thread.resolve("schedstat"));
        nanosByThread.put(thread, Long.valueOf(account.substring(0, account.indexOf(' '))));
      } catch (IOException _) {
        // It ended since it was listed.
        nanosByThread.putIfAbsent(thread, 0L);
      }
    }
  }

  private static List<Path> threads(Path folder) {
    try (Stream<Path> threads = Files.list(folder)) {
      return threads.toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
