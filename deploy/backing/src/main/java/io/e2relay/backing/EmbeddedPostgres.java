// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.backing.ProcessTable.Signal;
import io.e2relay.protocol.config.Postgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A real PostgreSQL as our child process, its data kept in a folder; reached by TCP on 127.0.0.1 with a password.
///
/// It has no socket file, so no path can be too long for one. Nothing that decides whether a commit is durable can be
/// switched off: those settings stand on the command line, which outranks every file.
public final class EmbeddedPostgres implements AutoCloseable {
  static final String PROGRAM = "postgres";
  private static final Duration READY_LIMIT = Duration.ofMinutes(2);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final int ATTEMPTS = 20;
  // Root's own cache lies in root's home, which is closed to whoever root becomes.
  private static final Path OPEN_CACHE = Path.of("/var/cache/e2relay");
  private static final File NO_INPUT = new File("/dev/null");

  private static final Map<String, String> SETTINGS = Map.ofEntries(Map.entry("listen_addresses", "127.0.0.1"),
      Map.entry("unix_socket_directories", ""), Map.entry("fsync", "on"), Map.entry("synchronous_commit", "on"),
      Map.entry("full_page_writes", "on"), Map.entry("shared_preload_libraries", ""),
      Map.entry("max_connections", "100"), Map.entry("shared_buffers", "128MB"), Map.entry("max_wal_size", "1GB"),
      Map.entry("password_encryption", "scram-sha-256"), Map.entry("timezone", "UTC"), Map.entry("log_timezone", "UTC"),
      Map.entry("log_destination", "stderr"), Map.entry("logging_collector", "off"),
      // No statement, no parameter and no refused value may reach the log: refusals stay between server and caller.
      Map.entry("log_statement", "none"), Map.entry("log_min_messages", "log"),
      Map.entry("log_min_error_statement", "panic"), Map.entry("log_min_duration_statement", "-1"),
      Map.entry("log_error_verbosity", "terse"), Map.entry("log_parameter_max_length", "0"),
      Map.entry("log_parameter_max_length_on_error", "0"));

  private final PostgresFolder folder;
  private final FolderLock lock;
  private final ServerProcess process;
  private final int port;

  private EmbeddedPostgres(PostgresFolder folder, FolderLock lock, ServerProcess process, int port) {
    this.folder = folder;
    this.lock = lock;
    this.process = process;
    this.port = port;
  }

  /// Starts it on the port of last time if that is free, else on any free one; throws BackingException.
  public static EmbeddedPostgres start(Path folder) {
    return start(folder, 0);
  }

  /// Starts it on exactly this port (0: any); throws BackingException.
  public static EmbeddedPostgres start(Path folder, int port) {
    StepDown stepDown = StepDown.choose();
    return start(folder, port, stepDown, stepDown.foreign() ? OPEN_CACHE : Binaries.userCache());
  }

  static EmbeddedPostgres start(Path path, int port, StepDown stepDown, Path cache) {
    PostgresFolder folder = PostgresFolder.claim(path, stepDown);
    FolderLock lock = FolderLock.take(folder.root());
    boolean started = false;
    try {
      folder.stopOrphan();
      folder.requireVersion();
      Path programs = new Binaries(cache, Platform.here()).postgres().resolve("bin");
      folder.createDataIfMissing(programs);
      EmbeddedPostgres server = spawn(folder, lock, programs, port);
      started = true;
      return server;
    } catch (IOException e) {
      throw BackingException.of("Starting PostgreSQL in " + folder.root(), e);
    } finally {
      if (!started) {
        lock.close();
      }
    }
  }

  /// Stops what a killed process of ours left running on this folder; does nothing while its owner lives.
  static void stopOrphan(Path path) throws IOException {
    try (FolderLock _ = FolderLock.take(path.toRealPath())) {
      new PostgresFolder(path.toRealPath(), StepDown.choose()).stopOrphan();
    }
  }

  /// Where the service finds its database.
  public Postgres address() {
    return new Postgres("127.0.0.1", port, PostgresFolder.SERVICE, PostgresFolder.SERVICE,
        folder.password(PostgresFolder.SERVICE));
  }

  /// The role that may do everything, in the database that belongs to nobody.
  public Postgres superuser() {
    return new Postgres("127.0.0.1", port, PostgresFolder.SUPERUSER, PostgresFolder.SUPERUSER,
        folder.password(PostgresFolder.SUPERUSER));
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// The server's log; without statements, parameters or values.
  public Path log() {
    return folder.log();
  }

  /// By default it is stopped when the JVM exits. A caller whose own exit hook first stops what uses the database
  /// calls this, and then must close.
  public void leaveExitToCaller() {
    process.leaveExitToCaller();
  }

  /// Every process of the server, the first is the one that started the others.
  public List<Long> pids() {
    return ProcessTable.family(process.pid());
  }

  /// Kills it as a power failure would; returns when all its processes are gone.
  public void kill() {
    process.kill();
    folder.endWorkers();
    lock.close();
  }

  /// Stops all its processes in the middle of what they do: connections stay open and nobody answers.
  public void freeze() {
    process.freeze();
  }

  public void thaw() {
    process.thaw();
  }

  /// Ends all connections and stops it; every commit stays.
  @Override
  public void close() {
    process.stop();
    lock.close();
  }

  private static EmbeddedPostgres spawn(PostgresFolder folder, FolderLock lock, Path programs, int wanted)
      throws IOException {
    BackingException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = folder.port(wanted);
      long before = folder.rotateLog();
      ServerProcess process = ServerProcess.spawn(command(folder, programs, port), folder.data(), NO_INPUT,
          folder.log().toFile(), Signal.INT, STOP_LIMIT);
      if (awaitReady(folder, process)) {
        folder.rememberPort(port);
        return new EmbeddedPostgres(folder, lock, process, port);
      }
      String said = folder.loggedSince(before);
      last = failure(folder, port, said);
      boolean otherPort = last.problem() == Problem.PORT_IN_USE && wanted == 0;
      if (!otherPort && !Complaint.childrenRemain(said)) {
        throw last;
      }
      folder.stopOrphan();
    }
    throw last;
  }

  private static boolean awaitReady(PostgresFolder folder, ServerProcess process) {
    boolean settled = Wait.until(READY_LIMIT, () -> !process.isAlive() || folder.isReady(process.pid()));
    if (settled && process.isAlive()) {
      return true;
    }
    process.kill();
    return false;
  }

  private static List<String> command(PostgresFolder folder, Path programs, int port) {
    List<String> command = new ArrayList<>(folder.stepDown().before());
    command.addAll(List.of(programs.resolve(PROGRAM).toString(), "-D", folder.data().toString()));
    new TreeMap<>(SETTINGS).forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
    command.addAll(List.of("-c", "port=" + port));
    return command;
  }

  private static BackingException failure(PostgresFolder folder, int port, String said) {
    if (Complaint.portInUse(said)) {
      return Ports.inUse(port);
    }
    if (Complaint.diskFull(said)) {
      return new BackingException(Problem.DISK_FULL,
          "The disk is full: PostgreSQL cannot start in " + folder.root() + ". Free some space and start again.");
    }
    return new BackingException(Problem.FAILED,
        "PostgreSQL did not start. The end of its log " + folder.log() + ":\n" + said);
  }
}
