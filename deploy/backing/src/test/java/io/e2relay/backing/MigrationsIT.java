// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.config.Postgres;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
final class MigrationsIT {
  private static final Schema SHELF = new Schema("shelf", "io/e2relay/backing/shelf");
  private static final Schema BROKEN = new Schema("broken", "io/e2relay/backing/broken");

  private final Postgres postgres;

  MigrationsIT(Postgres postgres) {
    this.postgres = postgres;
  }

  @BeforeEach
  void start_with_nothing() {
    PostgresQuestion.tell(postgres, "DROP SCHEMA IF EXISTS shelf, broken CASCADE");
  }

  @Test
  void migrating_twice_does_it_once() {
    assertEquals(2, Migrations.run(postgres, List.of(SHELF)));
    String dump = Migrations.dump(postgres, "shelf");
    assertEquals(0, Migrations.run(postgres, List.of(SHELF)));
    assertEquals(dump, Migrations.dump(postgres, "shelf"));
    assertEquals("2", PostgresQuestion.ask(postgres,
        "SELECT count(*) FROM shelf.flyway_schema_history WHERE success AND version IS NOT NULL"));
  }

  @Test
  void pending_steps_are_counted_and_not_taken() {
    assertEquals(2, Migrations.pending(postgres, List.of(SHELF)));
    assertEquals("0", PostgresQuestion.ask(postgres, "SELECT count(*) FROM pg_namespace WHERE nspname = 'shelf'"));
    Migrations.run(postgres, List.of(SHELF));
    assertEquals(0, Migrations.pending(postgres, List.of(SHELF)));
  }

  @Test
  void two_callers_at_once_migrate_once() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Integer> run = () -> Migrations.run(postgres, List.of(SHELF));
      int steps = 0;
      for (var result : threads.invokeAll(List.of(run, run))) {
        steps += result.get();
      }
      assertEquals(2, steps);
    }
  }

  @Test
  void a_migration_that_fails_leaves_nothing_behind_and_is_named() {
    BackingException refusal = assertThrows(BackingException.class,
        () -> Migrations.run(postgres, List.of(SHELF, BROKEN)));
    assertEquals(Problem.MIGRATION, refusal.problem());
    assertTrue(refusal.getMessage().contains("schema broken"), refusal.getMessage());
    assertEquals("0", PostgresQuestion.ask(postgres,
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'broken' AND table_name = 'half'"));
    assertEquals(0, Migrations.run(postgres, List.of(SHELF)));
  }

  @Test
  void a_schema_without_migrations_is_refused() {
    assertEquals(Problem.MIGRATION, assertThrows(BackingException.class,
        () -> Migrations.run(postgres, List.of(new Schema("none", "io/e2relay/backing/none")))).problem());
  }

  @Test
  void the_dump_tells_all_that_matters_and_is_the_same_for_the_same_schema() {
    Migrations.run(postgres, List.of(SHELF));
    String dump = Migrations.dump(postgres, "shelf");
    assertEquals("""
        type mood enum (calm, loud)
        table book with (fillfactor=70)
        partitioned table page by HASH (book_id)
        table page_0 partition of page FOR VALUES WITH (modulus 2, remainder 0)
        table page_1 partition of page FOR VALUES WITH (modulus 2, remainder 1)
        column book.id bytea not null storage extended
        column book.title text not null default 'untitled'::text storage extended
        column book.pages bigint not null default 0 storage plain
        column book.mood shelf.mood storage plain
        column page.book_id bytea not null storage extended
        column page.number bigint not null storage plain
        column page.body bytea storage external
        column page_0.book_id bytea not null storage extended
        column page_0.number bigint not null storage plain
        column page_0.body bytea storage external
        column page_1.book_id bytea not null storage extended
        column page_1.number bigint not null storage plain
        column page_1.body bytea storage external
        constraint book.book_pages_check CHECK ((pages >= 0))
        constraint book.book_pkey PRIMARY KEY (id)
        constraint page.page_pkey PRIMARY KEY (book_id, number)
        constraint page_0.page_0_pkey PRIMARY KEY (book_id, number)
        constraint page_1.page_1_pkey PRIMARY KEY (book_id, number)
        index CREATE UNIQUE INDEX book_pkey ON shelf.book USING btree (id)
        index CREATE INDEX book_title ON shelf.book USING btree (title) WHERE (pages > 0)
        index CREATE UNIQUE INDEX page_pkey ON ONLY shelf.page USING btree (book_id, number)
        index CREATE UNIQUE INDEX page_0_pkey ON shelf.page_0 USING btree (book_id, number)
        index CREATE UNIQUE INDEX page_1_pkey ON shelf.page_1 USING btree (book_id, number)
        CREATE OR REPLACE FUNCTION shelf.turn(p_book bytea)
         RETURNS bigint
         LANGUAGE sql
        AS $function$
          UPDATE shelf.book SET pages = pages + 1 WHERE id = p_book RETURNING pages
        $function$
        """, dump);
    PostgresQuestion.tell(postgres, "ALTER TABLE shelf.book SET (fillfactor = 90)");
    assertNotEquals(dump, Migrations.dump(postgres, "shelf"));
  }
}
