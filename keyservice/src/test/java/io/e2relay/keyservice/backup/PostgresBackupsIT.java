// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import static io.e2relay.keyservice.backup.Sample.FIRST;
import static io.e2relay.keyservice.backup.Sample.NOW;
import static io.e2relay.keyservice.backup.Sample.peppers;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.protocol.config.Postgres;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresBackupsIT implements BackupsContract {
  private static final Peppers PEPPERS = peppers(FIRST);

  private final Vertx vertx = Vertx.vertx();
  private final Postgres postgres;
  private final PostgresSessions sessions;
  private final PostgresSessions others;

  PostgresBackupsIT(Postgres postgres) {
    this.postgres = postgres;
    KeySchemas.migrate(postgres);
    sessions = pool(Duration.ofSeconds(10));
    others = pool(Duration.ofSeconds(10));
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    others.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Override
  public Backups backups(Peppers peppers) {
    return new PostgresBackups(sessions, new Locksmith(peppers));
  }

  @Test
  void wrong_tries_through_one_pool_count_in_another() {
    Backups here = backups(PEPPERS);
    Backups there = new PostgresBackups(others, new Locksmith(PEPPERS));
    Sample mine = Sample.fresh();
    here.put(mine.put(0));
    for (int i = 0; i < Tries.SHORT_MAX; i++) {
      assertEquals(REFUSED, (i % 2 == 0 ? here : there).open(mine.wrong(), NOW));
    }
    assertEquals(new Opened.TooFast(Tries.SHORT_MS), here.open(mine.right(), NOW));
    assertEquals(new Opened.TooFast(Tries.SHORT_MS), there.open(mine.right(), NOW));
  }

  @Test
  void of_fifty_guesses_at_once_through_two_pools_five_are_compared() throws Exception {
    Backups here = backups(PEPPERS);
    Backups there = new PostgresBackups(others, new Locksmith(PEPPERS));
    Sample mine = Sample.fresh();
    Sample nobody = Sample.fresh();
    here.put(mine.put(0));
    for (Sample whose : List.of(mine, nobody)) {
      List<Callable<Opened>> guesses = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        Backups keeper = i % 2 == 0 ? here : there;
        guesses.add(() -> keeper.open(whose.wrong(), NOW));
      }
      List<Opened> answers = atOnce(guesses);
      assertEquals(Tries.SHORT_MAX, answers.stream().filter(REFUSED::equals).count(), answers::toString);
      assertEquals(50 - Tries.SHORT_MAX, answers.stream().filter(new Opened.TooFast(Tries.SHORT_MS)::equals).count());
      assertEquals("5", text("SELECT lifetime FROM keys.backup_try WHERE uid = " + hex(whose)));
    }
    // The control: the same at once, but right, opens every time.
    Sample other = Sample.fresh();
    here.put(other.put(0));
    List<Callable<Opened>> right = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      right.add(() -> there.open(other.right(), NOW));
    }
    atOnce(right).forEach(answer -> assertInstanceOf(Opened.Open.class, answer));
  }

  @Test
  void of_many_that_follow_the_same_one_is_put() throws Exception {
    Backups here = backups(PEPPERS);
    Sample first = Sample.fresh();
    here.put(first.put(0));
    List<Callable<Stored>> puts = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Sample next = first.next();
      puts.add(() -> here.put(next.put(1)));
    }
    assertEquals(1, atOnce(puts).stream().filter(Stored.DONE::equals).count());
  }

  @Test
  void a_try_that_cannot_be_counted_is_not_answered() throws Exception {
    Sample mine = Sample.fresh();
    backups(PEPPERS).put(mine.put(0));
    PostgresSessions hasty = pool(Duration.ofMillis(300));
    Backups keeper = new PostgresBackups(hasty, new Locksmith(PEPPERS));
    assertInstanceOf(Opened.Open.class, keeper.open(mine.right(), NOW));
    try (Connection holder = connect(); Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("SELECT 1 FROM keys.backup_try WHERE uid = " + hex(mine) + " FOR UPDATE");
      assertThrows(Unavailable.class, () -> keeper.open(mine.right(), NOW));
      assertThrows(Unavailable.class, () -> keeper.open(mine.wrong(), NOW));
      holder.rollback();
    } finally {
      hasty.close().await(10, SECONDS);
    }
    assertInstanceOf(Opened.Open.class, backups(PEPPERS).open(mine.right(), NOW));
  }

  @Test
  void neither_proofs_nor_shares_nor_peppers_are_in_the_database() throws Exception {
    Sample mine = Sample.fresh();
    Backups keeper = backups(PEPPERS);
    keeper.put(mine.put(0));
    Opened.Open opened = assertInstanceOf(Opened.Open.class, keeper.open(mine.right(), NOW));
    keeper.open(mine.wrong(), NOW);
    String kept = text("SELECT b::text || t::text FROM keys.backup b JOIN keys.backup_try t ON t.uid = b.uid "
        + "WHERE b.uid = " + hex(mine));
    HexFormat hex = HexFormat.of();
    // The control: what is kept would be found.
    assertTrue(kept.contains(hex.formatHex(mine.blob().bundle().toByteArray())));
    for (var secret : List.of(mine.auth(), mine.recoveryAuth(), opened.share(), FIRST.key())) {
      assertEquals(32, secret.size());
      assertEquals(-1, kept.indexOf(hex.formatHex(secret.toByteArray())));
    }
  }

  private PostgresSessions pool(Duration timeout) {
    return new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(8, 100, timeout));
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password().reveal());
  }

  private String text(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertTrue(rows.next());
      return rows.getString(1);
    }
  }

  private static String hex(Sample sample) {
    return "'\\x" + HexFormat.of().formatHex(sample.owner().uid().bytes().toByteArray()) + "'::bytea";
  }

  private static <T> List<T> atOnce(List<Callable<T>> tasks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> answers = new ArrayList<>();
      for (java.util.concurrent.Future<T> future : threads.invokeAll(tasks)) {
        answers.add(future.get());
      }
      return answers.stream().collect(Collectors.toUnmodifiableList());
    }
  }
}
