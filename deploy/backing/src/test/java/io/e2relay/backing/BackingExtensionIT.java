// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
final class BackingExtensionIT {
  private final Postgres ofConstructor;

  BackingExtensionIT(Postgres ofConstructor) {
    this.ofConstructor = ofConstructor;
  }

  @Test
  void a_class_has_one_database_that_is_its_own_and_empty(Postgres postgres) {
    assertEquals(ofConstructor, postgres);
    assertEquals(postgres.database(), PostgresQuestion.ask(postgres, "SELECT current_database()"));
    assertEquals("0", PostgresQuestion.ask(postgres,
        "SELECT count(*) FROM pg_namespace WHERE nspname !~ '^(pg_.*|public|information_schema)$'"));
  }

  @Test
  void redis_is_given_with_its_password(Redis redis) {
    assertEquals("+PONG", RedisTestCommand.run(redis, "PING"));
  }

  @Test
  void killed_servers_come_back_at_their_address(BackingProcesses processes, Postgres shared) {
    Postgres postgres = processes.postgres();
    assertNotEquals(shared.port(), postgres.port());
    PostgresQuestion.tell(postgres, "CREATE TABLE fact AS SELECT 42 AS answer");
    List<Long> before = processes.postgresPids();
    processes.killPostgres();
    assertEquals(List.of(), before.stream().filter(ProcessTable::isAlive).toList());
    processes.startPostgres();
    assertEquals(postgres, processes.postgres());
    assertEquals("42", PostgresQuestion.ask(postgres, "SELECT answer FROM fact"));

    Redis redis = processes.redis();
    processes.killRedis();
    processes.startRedis();
    assertEquals(redis, processes.redis());
    assertEquals("+PONG", RedisTestCommand.run(redis, "PING"));
  }

  @Test
  void frozen_servers_answer_when_they_are_thawed(BackingProcesses processes) throws Exception {
    processes.startPostgres();
    processes.startRedis();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      processes.freezePostgres();
      processes.freezeRedis();
      assertEquals(List.of(), processes.postgresPids().stream().filter(pid -> !ProcessTable.isFrozen(pid)).toList());
      assertTrue(ProcessTable.isFrozen(processes.redisPid()));
      Future<String> postgres = threads.submit(() -> PostgresQuestion.ask(processes.postgres(), "SELECT 'late'"));
      Future<String> redis = threads.submit(() -> RedisTestCommand.run(processes.redis(), "PING"));
      assertTrue(ProcessTable.isFrozen(processes.postgresPids().getFirst()));
      processes.thawPostgres();
      processes.thawRedis();
      assertEquals("late", postgres.get());
      assertEquals("+PONG", redis.get());
    } finally {
      processes.thawPostgres();
      processes.thawRedis();
    }
  }

  @Test
  void stopped_and_killed_servers_stay_so_until_they_are_started(BackingProcesses processes) {
    processes.killPostgres();
    processes.killPostgres();
    processes.stopPostgres();
    processes.stopRedis();
    processes.killRedis();
    assertEquals(List.of(), processes.postgresPids().stream().filter(ProcessTable::isAlive).toList());
    processes.startPostgres();
    processes.startPostgres();
    processes.startRedis();
    assertEquals("1", PostgresQuestion.ask(processes.postgres(), "SELECT 1"));
    assertEquals("+PONG", RedisTestCommand.run(processes.redis(), "PING"));
  }

  @Test
  void durability_is_never_switched_off_for_tests(BackingProcesses processes) throws Exception {
    processes.startPostgres();
    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      assertEquals("on", PostgresQuestion.ask(processes.postgres(), "SHOW " + setting));
    }
    assertFalse(TestFolder.inMemory(processes.folder()));
  }
}
