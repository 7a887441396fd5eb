// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.backing.ProcessTable.Signal;
import io.e2relay.protocol.config.Redis;
import io.e2relay.protocol.config.Secret;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A real Redis as our child process, reached by TCP on 127.0.0.1 with a password; it keeps nothing on disk.
public final class EmbeddedRedis implements AutoCloseable {
  private static final String PROGRAM = "redis-server";
  private static final Duration READY_LIMIT = Duration.ofSeconds(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 20;

  private final Redis address;
  private final FolderLock lock;
  private final ServerProcess process;

  private EmbeddedRedis(Redis address, FolderLock lock, ServerProcess process) {
    this.address = address;
    this.lock = lock;
    this.process = process;
  }

  /// Starts it on any free port; throws BackingException.
  public static EmbeddedRedis start(Path folder) {
    return start(folder, 0, new Secret(OwnFolder.newSecret()));
  }

  /// Starts it on exactly this port (0: any) with this password; throws BackingException.
  public static EmbeddedRedis start(Path path, int port, Secret password) {
    Path folder = OwnFolder.claim(path, "rwx------");
    FolderLock lock = FolderLock.take(folder);
    boolean started = false;
    try {
      stopOrphanIn(folder);
      Path program = new Binaries(Binaries.userCache(), Platform.here()).redis();
      EmbeddedRedis server = spawn(folder, lock, program, port, password);
      started = true;
      return server;
    } catch (IOException e) {
      throw BackingException.of("Starting Redis in " + folder, e);
    } finally {
      if (!started) {
        lock.close();
      }
    }
  }

  /// Stops what a killed process of ours left running on this folder.
  static void stopOrphan(Path path) throws IOException {
    try (FolderLock _ = FolderLock.take(path.toRealPath())) {
      stopOrphanIn(path.toRealPath());
    }
  }

  public Redis address() {
    return address;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// By default it is stopped when the JVM exits. A caller whose own exit hook first stops what uses it calls this,
  /// and then must close.
  public void leaveExitToCaller() {
    process.leaveExitToCaller();
  }

  /// Kills it; all it held is lost.
  public void kill() {
    process.kill();
    lock.close();
  }

  /// Stops it in the middle of what it does: connections stay open and nobody answers.
  public void freeze() {
    process.freeze();
  }

  public void thaw() {
    process.thaw();
  }

  @Override
  public void close() {
    process.stop();
    lock.close();
  }

  private static EmbeddedRedis spawn(Path folder, FolderLock lock, Path program, int wanted, Secret password)
      throws IOException {
    BackingException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (wanted != 0) {
        Ports.requireFree(wanted);
      }
      int port = wanted == 0 ? Ports.free() : wanted;
      Path settings = folder.resolve("redis.conf");
      Path log = folder.resolve("redis.log");
      OwnFolder.write(settings, settings(folder, port, password));
      OwnFolder.write(log, "");
      List<String> command = new ArrayList<>(StepDown.ownSession());
      command.addAll(List.of(program.toString(), settings.toString()));
      ServerProcess process = ServerProcess.spawn(command, folder, new File("/dev/null"), log.toFile(), Signal.TERM,
          STOP_LIMIT);
      Redis address = new Redis("127.0.0.1", port, password);
      boolean settled = Wait.until(READY_LIMIT, () -> !process.isAlive() || RedisGreeting.answers(address));
      if (settled && process.isAlive()) {
        return new EmbeddedRedis(address, lock, process);
      }
      process.kill();
      last = failure(log, port);
      if (last.problem() != Problem.PORT_IN_USE || wanted != 0) {
        throw last;
      }
    }
    throw last;
  }

  /// The ignored warning is of a kernel that may damage what a fork writes to disk; we write nothing there.
  private static String settings(Path folder, int port, Secret password) {
    return """
        bind 127.0.0.1
        port %d
        requirepass %s
        dir "%s"
        pidfile "%s"
        save ""
        appendonly no
        maxmemory 256mb
        maxmemory-policy noeviction
        daemonize no
        set-proc-title no
        ignore-warnings ARM64-COW-BUG
        """.formatted(port, password.reveal(), quoted(folder), quoted(folder.resolve("redis.pid")));
  }

  private static String quoted(Path path) {
    return path.toString().replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static void stopOrphanIn(Path folder) throws IOException {
    @Nullable
    String pid = OwnFolder.read(folder.resolve("redis.pid"));
    if (pid != null && pid.matches("[0-9]{1,10}") && ProcessTable.worksOn(Long.parseLong(pid), PROGRAM, folder)) {
      List<Long> orphan = List.of(Long.parseLong(pid));
      ProcessTable.send(Signal.CONT, orphan);
      ProcessTable.send(Signal.TERM, orphan);
      if (!ProcessTable.awaitGone(orphan, STOP_LIMIT)) {
        ProcessTable.send(Signal.KILL, orphan);
        ProcessTable.awaitGone(orphan, STOP_LIMIT);
      }
    }
    Files.deleteIfExists(folder.resolve("redis.pid"));
  }

  private static BackingException failure(Path log, int port) throws IOException {
    String said = Logged.since(log, 0);
    if (Complaint.portInUse(said)) {
      return Ports.inUse(port);
    }
    if (Complaint.diskFull(said)) {
      return new BackingException(Problem.DISK_FULL, "The disk is full: Redis cannot start. Free some space.");
    }
    return new BackingException(Problem.FAILED, "Redis did not start. The end of its log " + log + ":\n" + said);
  }
}
