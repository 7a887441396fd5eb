// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.backing.ProcessTable.Signal;
import io.e2relay.protocol.config.Secret;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What lies in the folder of an embedded PostgreSQL: its data, its log, its passwords, and the port of last time.
record PostgresFolder(Path root, StepDown stepDown) {
  static final String SUPERUSER = "postgres";
  static final String SERVICE = "e2relay";
  private static final long LOG_BYTES_MAX = 8 << 20;
  private static final Duration ORPHAN_LIMIT = Duration.ofSeconds(20);
  private static final int READY_LINE = 7;

  static PostgresFolder claim(Path path, StepDown stepDown) {
    Path root = OwnFolder.claim(path, stepDown.foreign() ? "rwx--x--x" : "rwx------");
    PostgresFolder folder = new PostgresFolder(root, stepDown);
    stepDown.requireEntry(root);
    try {
      if (Files.exists(folder.data())) {
        folder.claimData();
      }
    } catch (IOException e) {
      throw BackingException.of("Reading " + root, e);
    }
    return folder;
  }

  Path data() {
    return root.resolve("data");
  }

  Path log() {
    return root.resolve("postgres.log");
  }

  Secret password(String role) {
    try {
      @Nullable
      String password = OwnFolder.read(passwordFile(role));
      if (password == null) {
        throw new BackingException(Problem.FAILED, "The password file " + passwordFile(role)
            + " is missing. Without it the data cannot be opened; put it back from your backup.");
      }
      return new Secret(password);
    } catch (IOException e) {
      throw BackingException.of("Reading " + passwordFile(role), e);
    }
  }

  /// The wanted port, else the one of last time if it is free, else any.
  int port(int wanted) throws IOException {
    if (wanted != 0) {
      Ports.requireFree(wanted);
      return wanted;
    }
    @Nullable
    String last = OwnFolder.read(root.resolve("port"));
    if (last != null && last.matches("[0-9]{1,5}") && Ports.isFree(Integer.parseInt(last))) {
      return Integer.parseInt(last);
    }
    return Ports.free();
  }

  void rememberPort(int port) throws IOException {
    OwnFolder.write(root.resolve("port"), port + "\n");
  }

  /// PostgreSQL writes into its pid file when it takes connections.
  boolean isReady(long pid) {
    List<String> lines = pidFile();
    return lines.size() > READY_LINE && lines.getFirst().strip().equals(Long.toString(pid))
        && lines.get(READY_LINE).strip().equals("ready");
  }

  void requireVersion() throws IOException {
    @Nullable
    String found = OwnFolder.read(data().resolve("PG_VERSION"));
    String ours = Binaries.version("postgres").split("\\.")[0];
    if (found != null && !found.equals(ours)) {
      throw new BackingException(Problem.OTHER_VERSION,
          "The data in " + root + " was written by PostgreSQL " + found + ", but this release brings PostgreSQL " + ours
              + ". Start the release that wrote it and export the data, or choose another folder.");
    }
  }

  /// Stops the server and all its processes that a killed owner left behind. Only with the lock in hand.
  void stopOrphan() throws IOException {
    List<String> lines = pidFile();
    if (!lines.isEmpty() && lines.getFirst().strip().matches("-?[0-9]{1,10}")) {
      long pid = Math.abs(Long.parseLong(lines.getFirst().strip()));
      if (ProcessTable.isAlive(pid)) {
        if (ProcessTable.worksOn(pid, EmbeddedPostgres.PROGRAM, data())) {
          stopFamily(pid);
        } else {
          // The number belongs to a stranger now, whom PostgreSQL would take for a server of this data.
          Files.deleteIfExists(data().resolve("postmaster.pid"));
        }
      }
    }
    endWorkers();
  }

  /// Whoever outlives its postmaster ends by itself, unless it is frozen.
  void endWorkers() {
    List<Long> left = ProcessTable.workersOn(EmbeddedPostgres.PROGRAM, data());
    if (!ProcessTable.awaitGone(left, Duration.ofSeconds(2))) {
      ProcessTable.send(Signal.KILL, left);
      ProcessTable.awaitGone(left, ORPHAN_LIMIT);
    }
  }

  private static void stopFamily(long pid) {
    List<Long> family = ProcessTable.family(pid);
    ProcessTable.send(Signal.CONT, family);
    ProcessTable.send(Signal.INT, List.of(pid));
    if (!ProcessTable.awaitGone(List.of(pid), ORPHAN_LIMIT)) {
      ProcessTable.send(Signal.KILL, family);
      ProcessTable.awaitGone(family, ORPHAN_LIMIT);
    }
  }

  /// Creates the data with role and database beside its place and moves it there when it is complete.
  void createDataIfMissing(Path programs) throws IOException {
    if (Files.exists(data())) {
      return;
    }
    deleteHalfMade();
    Path half = Files.createTempDirectory(root, ".data-");
    Path passwords = root.resolve(".passwords");
    Path output = root.resolve("create.log");
    try {
      String superuser = OwnFolder.newSecret();
      String service = OwnFolder.newSecret();
      OwnFolder.write(passwords, superuser + "\n");
      OwnFolder.giveTo(half, stepDown.uid());
      OwnFolder.giveTo(passwords, stepDown.uid());
      OwnFolder.write(output, "");
      run(List.of(programs.resolve("initdb").toString(), "-D", half.toString(), "--username=" + SUPERUSER,
          "--auth=scram-sha-256", "--pwfile=" + passwords, "--encoding=UTF8", "--locale=C", "--no-instructions"), half,
          null, output);
      // A server on its own console: no listener, no log in, and either all is done or the exit code tells.
      Path statements = root.resolve(".statements");
      try {
        OwnFolder.write(statements, """
            CREATE ROLE %1$s LOGIN PASSWORD '%2$s';
            CREATE DATABASE %1$s OWNER %1$s;
            """.formatted(SERVICE, service));
        run(List.of(programs.resolve(EmbeddedPostgres.PROGRAM).toString(), "--single", "-D", half.toString(), "-c",
            "exit_on_error=on", "-c", "log_min_error_statement=panic", SUPERUSER), half, statements, output);
      } finally {
        Files.deleteIfExists(statements);
      }
      OwnFolder.write(passwordFile(SUPERUSER), superuser + "\n");
      OwnFolder.write(passwordFile(SERVICE), service + "\n");
      OwnFolder.sync(root);
      Files.move(half, data(), StandardCopyOption.ATOMIC_MOVE);
      // Otherwise a power failure could undo the move, and with it every commit made since.
      OwnFolder.sync(root);
    } finally {
      Files.deleteIfExists(passwords);
      OwnFolder.delete(half);
    }
  }

  /// How long the log is; an old one that grew large is put aside.
  long rotateLog() throws IOException {
    if (!Files.exists(log())) {
      OwnFolder.write(log(), "");
    }
    if (Files.size(log()) > LOG_BYTES_MAX) {
      Files.move(log(), root.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
      OwnFolder.write(log(), "");
    }
    return Files.size(log());
  }

  String loggedSince(long offset) throws IOException {
    return Logged.since(log(), offset);
  }

  private void run(List<String> command, Path folder, @Nullable Path input, Path output) throws IOException {
    List<String> all = new ArrayList<>(stepDown.before());
    all.addAll(command);
    File in = input == null ? new File("/dev/null") : input.toFile();
    ServerProcess process = ServerProcess.spawn(all, folder, in, output.toFile(), Signal.TERM, Duration.ofSeconds(1));
    if (process.awaitEnd(Duration.ofMinutes(5)) != 0) {
      String said = Logged.since(output, 0);
      if (Complaint.diskFull(said)) {
        throw new BackingException(Problem.DISK_FULL,
            "The disk is full: PostgreSQL cannot create its data in " + root + ". Free some space and start again.");
      }
      throw new BackingException(Problem.FAILED, "PostgreSQL could not create its data in " + root + ":\n" + said);
    }
  }

  private void claimData() throws IOException {
    int owner = OwnFolder.owner(data());
    // Root may have stepped down the other way last time.
    if (owner != stepDown.uid() && OwnFolder.ourUid() == 0 && (owner == 0 || owner == StepDown.NOBODY)) {
      OwnFolder.giveTo(data(), stepDown.uid());
    }
    OwnFolder.requireOwner(data(), stepDown.uid());
  }

  /// What a creation that was killed has left.
  private void deleteHalfMade() throws IOException {
    List<Path> left = new ArrayList<>();
    try (var entries = Files.newDirectoryStream(root, ".*")) {
      entries.forEach(left::add);
    }
    for (Path half : left) {
      OwnFolder.delete(half);
    }
  }

  private Path passwordFile(String role) {
    return root.resolve(role + ".password");
  }

  private List<String> pidFile() {
    try {
      return Files.readAllLines(data().resolve("postmaster.pid"));
    } catch (IOException _) {
      return List.of();
    }
  }
}
