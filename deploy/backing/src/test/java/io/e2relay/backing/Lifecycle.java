// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import io.e2relay.protocol.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What holds for the servers of every user: asserted as root and as somebody without rights.
final class Lifecycle {
  private static final Map<String, String> SETTINGS = Map.of("fsync", "on", "synchronous_commit", "on",
      "full_page_writes", "on", "listen_addresses", "127.0.0.1", "unix_socket_directories", "",
      "shared_preload_libraries", "", "password_encryption", "scram-sha-256", "server_encoding", "UTF8");
  private static final String SENTINEL = "a-value-that-must-not-be-logged";

  private Lifecycle() {
  }

  static void check(Path folder, StepDown stepDown, Path cache) throws IOException {
    // Longer than any socket path may be.
    Path data = folder.resolve("a name with spaces, and long ".repeat(4).strip()).resolve("postgres");
    Postgres first = firstRun(data, stepDown, cache);
    secondRun(data, stepDown, cache, first);
    redis(folder.resolve("redis"));
  }

  private static Postgres firstRun(Path data, StepDown stepDown, Path cache) throws IOException {
    long pid;
    Postgres address;
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(data, 0, stepDown, cache)) {
      address = postgres.address();
      pid = postgres.pid();
      SETTINGS
          .forEach((key, value) -> assertEquals(value, PostgresQuestion.ask(postgres.superuser(), "SHOW " + key), key));
      assertEquals("C",
          PostgresQuestion.ask(address, "SELECT datcollate FROM pg_database WHERE datname = current_database()"));
      assertEquals("false",
          PostgresQuestion.ask(address, "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user"));
      PostgresQuestion.tell(address, "CREATE TABLE fact AS SELECT 42 AS answer");
      // A statement that fails, with a value in it, in its message and in its detail.
      assertThrows(IllegalStateException.class, () -> PostgresQuestion.ask(address, "SELECT '" + SENTINEL + "'::uuid"));
      assertFalse(Files.readString(postgres.log()).contains(SENTINEL), "a refused value is in the log");
      passwordIsNeeded(address);
      onlyOwnerMayLook(data, stepDown);
      assertEquals(stepDown.uid(), owner(pid));
      assertTrue(leadsItsSession(pid), "Ctrl-C in our terminal would reach it");
    }
    assertFalse(ProcessTable.isAlive(pid));
    assertEquals(List.of(), ProcessTable.workersOn(EmbeddedPostgres.PROGRAM, data.toRealPath().resolve("data")));
    return address;
  }

  private static void secondRun(Path data, StepDown stepDown, Path cache, Postgres first) {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(data, 0, stepDown, cache)) {
      assertEquals(first, postgres.address());
      assertEquals("42", PostgresQuestion.ask(postgres.address(), "SELECT answer FROM fact"));
      assertEquals("true", PostgresQuestion.ask(postgres.superuser(),
          "SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user"));
    }
  }

  private static void passwordIsNeeded(Postgres address) {
    Postgres wrong = new Postgres(address.host(), address.port(), address.database(), address.user(),
        new Secret("guessed"));
    IllegalStateException refusal = assertThrows(IllegalStateException.class,
        () -> PostgresQuestion.ask(wrong, "SELECT 1"));
    assertTrue(String.valueOf(refusal.getMessage()).contains("password authentication failed"));
  }

  private static void onlyOwnerMayLook(Path data, StepDown stepDown) throws IOException {
    assertEquals(OwnFolder.mode(stepDown.foreign() ? "rwx--x--x" : "rwx------"), Files.getPosixFilePermissions(data));
    assertEquals(OwnFolder.mode("rwx------"), Files.getPosixFilePermissions(data.resolve("data")));
    for (String file : List.of("postgres.password", "e2relay.password", "postgres.log", "port")) {
      assertEquals(OwnFolder.mode("rw-------"), Files.getPosixFilePermissions(data.resolve(file)), file);
    }
  }

  private static void redis(Path folder) throws IOException {
    long pid;
    try (EmbeddedRedis redis = EmbeddedRedis.start(folder)) {
      pid = redis.pid();
      Redis address = redis.address();
      Redis wrong = new Redis(address.host(), address.port(), new Secret("guessed"));
      Redis none = new Redis(address.host(), address.port(), new Secret(""));
      assertEquals("+PONG", RedisTestCommand.run(address, "PING"));
      assertTrue(RedisTestCommand.run(wrong, "PING").startsWith("-WRONGPASS"));
      assertTrue(RedisTestCommand.run(none, "PING").startsWith("-NOAUTH"));
      assertEquals(OwnFolder.mode("rw-------"), Files.getPosixFilePermissions(folder.resolve("redis.conf")));
    }
    assertFalse(ProcessTable.isAlive(pid));
  }

  private static boolean leadsItsSession(long pid) throws IOException {
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    if (!Files.exists(stat) || StepDown.ownSession().isEmpty()) {
      return true;
    }
    // After the name in brackets: state, parent, group, session.
    String line = Files.readString(stat);
    return line.substring(line.lastIndexOf(')') + 2).split(" ")[3].equals(Long.toString(pid));
  }

  private static int owner(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    return Files.exists(process) ? OwnFolder.owner(process) : OwnFolder.ourUid();
  }
}
