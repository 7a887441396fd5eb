// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.config.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// No server outlives its owner for longer than until the next start.
final class OrphanIT {
  @Test
  void servers_of_a_killed_process_are_stopped_and_their_data_goes_on() throws IOException {
    try (TestFolder folder = TestFolder.create();
        ChildJvm child = ChildJvm.start(folder.path(), "hold", folder.path().toString())) {
      List<Long> orphans = pids(child);
      tell(folder, "CREATE TABLE fact AS SELECT 42 AS answer");
      List<Long> family = ProcessTable.family(orphans.getFirst());
      child.kill();
      assertTrue(orphans.stream().allMatch(ProcessTable::isAlive), "otherwise nothing is shown here");
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.path().resolve("postgres"));
          EmbeddedRedis redis = EmbeddedRedis.start(folder.path().resolve("redis"))) {
        assertEquals(List.of(),
            Stream.concat(orphans.stream(), family.stream()).filter(ProcessTable::isAlive).toList());
        assertEquals("42", PostgresQuestion.ask(postgres.address(), "SELECT answer FROM fact"));
        assertEquals("+PONG", RedisTestCommand.run(redis.address(), "PING"));
      }
    }
  }

  @Test
  void frozen_servers_of_a_killed_process_are_stopped_too() throws IOException {
    try (TestFolder folder = TestFolder.create();
        ChildJvm child = ChildJvm.start(folder.path(), "hold", folder.path().toString())) {
      List<Long> orphans = pids(child);
      orphans.forEach(pid -> ProcessTable.send(ProcessTable.Signal.STOP, ProcessTable.family(pid)));
      child.kill();
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.path().resolve("postgres"));
          EmbeddedRedis redis = EmbeddedRedis.start(folder.path().resolve("redis"))) {
        assertEquals(List.of(), orphans.stream().filter(ProcessTable::isAlive).toList());
        assertTrue(postgres.isAlive() && redis.isAlive());
      }
    }
  }

  @Test
  void children_that_outlive_their_killed_postmaster_are_ended() throws IOException {
    try (TestFolder folder = TestFolder.create();
        ChildJvm child = ChildJvm.start(folder.path(), "hold", folder.path().toString())) {
      long postmaster = pids(child).getFirst();
      List<Long> children = ProcessTable.family(postmaster).stream().filter(pid -> pid != postmaster).toList();
      ProcessTable.send(ProcessTable.Signal.STOP, children);
      child.kill();
      ProcessTable.send(ProcessTable.Signal.KILL, List.of(postmaster));
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.path().resolve("postgres"))) {
        assertEquals(List.of(), children.stream().filter(ProcessTable::isAlive).toList());
        assertEquals("1", PostgresQuestion.ask(postgres.address(), "SELECT 1"));
      } finally {
        EmbeddedRedis.stopOrphan(folder.path().resolve("redis"));
      }
    }
  }

  @Test
  void a_stranger_with_the_number_of_a_dead_server_is_left_alone() throws IOException {
    try (TestFolder folder = TestFolder.create()) {
      Path data = folder.path().resolve("postgres");
      EmbeddedPostgres killed = EmbeddedPostgres.start(data);
      Postgres address = killed.address();
      killed.kill();
      EmbeddedRedis redis = EmbeddedRedis.start(folder.path().resolve("redis"));
      redis.kill();
      Process stranger = new ProcessBuilder("sleep", "1000").start();
      try {
        Path pidFile = data.resolve("data").resolve("postmaster.pid");
        String claimed = Files.readString(pidFile).replaceFirst("^[0-9]+", Long.toString(stranger.pid()));
        Files.writeString(pidFile, claimed);
        Files.writeString(folder.path().resolve("redis").resolve("redis.pid"), stranger.pid() + "\n");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(data);
            EmbeddedRedis again = EmbeddedRedis.start(folder.path().resolve("redis"))) {
          assertEquals(address, postgres.address());
          assertNotEquals(redis.pid(), again.pid());
          assertTrue(stranger.isAlive());
        }
      } finally {
        stranger.destroyForcibly();
      }
    }
  }

  @Test
  void servers_end_with_the_process_that_started_them() throws IOException {
    try (TestFolder folder = TestFolder.create();
        ChildJvm child = ChildJvm.start(folder.path(), "exit", folder.path().toString())) {
      List<Long> servers = pids(child);
      assertEquals(0, child.awaitExit());
      assertEquals(List.of(), servers.stream().filter(ProcessTable::isAlive).toList());
      // It was stopped, not killed: the pid file of a server that ended well is gone.
      assertFalse(Files.exists(folder.path().resolve("postgres").resolve("data").resolve("postmaster.pid")));
    }
  }

  @Test
  void servers_stay_for_an_exit_hook_of_the_caller_where_that_was_asked() throws IOException {
    try (TestFolder folder = TestFolder.create();
        ChildJvm child = ChildJvm.start(folder.path(), "leave", folder.path().toString())) {
      List<Long> servers = pids(child);
      assertEquals(0, child.awaitExit());
      try {
        assertTrue(servers.stream().allMatch(ProcessTable::isAlive));
      } finally {
        EmbeddedPostgres.stopOrphan(folder.path().resolve("postgres"));
        EmbeddedRedis.stopOrphan(folder.path().resolve("redis"));
      }
      assertEquals(List.of(), servers.stream().filter(ProcessTable::isAlive).toList());
    }
  }

  @Test
  void a_folder_belongs_to_one_living_process() throws IOException {
    try (TestFolder folder = TestFolder.create();
        ChildJvm child = ChildJvm.start(folder.path(), "hold", folder.path().toString())) {
      List<Long> servers = pids(child);
      for (String kind : List.of("postgres", "redis")) {
        BackingException refusal = assertThrows(BackingException.class, () -> start(kind, folder.path()).close());
        assertEquals(Problem.IN_USE, refusal.problem());
        assertTrue(refusal.getMessage().contains("process " + child.process().pid()), refusal.getMessage());
      }
      assertTrue(servers.stream().allMatch(ProcessTable::isAlive));
      child.kill();
      for (String kind : List.of("postgres", "redis")) {
        try (AutoCloseableServer server = start(kind, folder.path())) {
          BackingException refusal = assertThrows(BackingException.class, () -> start(kind, folder.path()).close());
          assertEquals(Problem.IN_USE, refusal.problem());
          assertTrue(server.isAlive());
        }
      }
    }
  }

  /// Either server.
  private interface AutoCloseableServer extends AutoCloseable {
    boolean isAlive();

    @Override
    void close();
  }

  private static AutoCloseableServer start(String kind, Path folder) {
    if (kind.equals("postgres")) {
      EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.resolve(kind));
      return server(postgres::isAlive, postgres::close);
    }
    EmbeddedRedis redis = EmbeddedRedis.start(folder.resolve(kind));
    return server(redis::isAlive, redis::close);
  }

  private static AutoCloseableServer server(java.util.function.BooleanSupplier alive, Runnable close) {
    return new AutoCloseableServer() {
      @Override
      public boolean isAlive() {
        return alive.getAsBoolean();
      }

      @Override
      public void close() {
        close.run();
      }
    };
  }

  private static List<Long> pids(ChildJvm child) throws IOException {
    return Stream.of(child.answer().split(" ")).map(Long::valueOf).toList();
  }

  /// To the database of another process, whose passwords are ours to read.
  private static void tell(TestFolder folder, String sql) throws IOException {
    PostgresFolder postgres = new PostgresFolder(folder.path().resolve("postgres"), StepDown.choose());
    int port = Integer.parseInt(Files.readString(postgres.root().resolve("port")).strip());
    PostgresQuestion.tell(new Postgres("127.0.0.1", port, PostgresFolder.SERVICE, PostgresFolder.SERVICE,
        postgres.password(PostgresFolder.SERVICE)), sql);
  }
}
