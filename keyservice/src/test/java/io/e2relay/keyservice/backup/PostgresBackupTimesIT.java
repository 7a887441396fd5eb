// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import static io.e2relay.keyservice.backup.Sample.FIRST;
import static io.e2relay.keyservice.backup.Sample.NOW;
import static io.e2relay.keyservice.backup.Sample.peppers;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.KdfParameters;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whether the time of a refusal tells if there is a backup. On an idle machine.
@Tag("long")
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresBackupTimesIT {
  private static final int TRIES = 200;
  private static final int WARMING = 100;
  private static final double DIFFERENCE_MAX = 0.10;

  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;
  private final Backups backups;

  PostgresBackupTimesIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(2, 100, Duration.ofSeconds(10)));
    backups = new PostgresBackups(sessions, new Locksmith(peppers(FIRST)));
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  /// One of each kind in turn, in a changing order, so that whatever else the machine does meets all of them.
  @Test
  void a_refusal_takes_as_long_for_no_backup_as_for_a_large_one() {
    List<Kind> kinds = List.of(new Kind("wrong password", large(), Sample::wrong),
        new Kind("unknown backup_id", large(), PostgresBackupTimesIT::unknown),
        new Kind("no backup", none(), Sample::wrong), new Kind("wrong recovery code", large(), Sample::wrongRecovery),
        new Kind("recovery code for no backup", none(), Sample::recovery));
    List<Integer> order = new ArrayList<>(IntStream.range(0, kinds.size()).boxed().toList());
    Random random = new Random(1);
    long[][] nanos = new long[kinds.size()][TRIES];
    for (int i = 0; i < WARMING + TRIES; i++) {
      Collections.shuffle(order, random);
      for (int kind : order) {
        Knock knock = kinds.get(kind).knock(i);
        long start = System.nanoTime();
        Opened answer = backups.open(knock, NOW);
        long took = System.nanoTime() - start;
        assertEquals(new Opened.Refused(), answer);
        nanos[kind][Math.max(0, i - WARMING)] = took;
      }
    }
    List<Long> medians = new ArrayList<>();
    for (int kind = 0; kind < kinds.size(); kind++) {
      Arrays.sort(nanos[kind]);
      medians.add(nanos[kind][TRIES / 2] / 1000);
      IO.println("shown: backup-refusal-time kind=\"%s\" tries=%d median_us=%d p90_us=%d"
          .formatted(kinds.get(kind).name(), TRIES, medians.getLast(), nanos[kind][TRIES * 9 / 10] / 1000));
    }
    assertAlike(medians.subList(0, 3));
    assertAlike(medians.subList(3, 5));
  }

  private static void assertAlike(List<Long> medians) {
    long least = medians.stream().min(Long::compare).orElseThrow();
    long most = medians.stream().max(Long::compare).orElseThrow();
    assertTrue(most - least <= DIFFERENCE_MAX * least, medians::toString);
  }

  /// Users enough that none comes to their limit.
  private record Kind(String name, List<Sample> users, Function<Sample, Knock> knocking) {
    Knock knock(int round) {
      return knocking.apply(users.get(round % users.size()));
    }
  }

  private static Knock unknown(Sample sample) {
    return new Knock(sample.owner(), Sample.random(16), sample.right().proof());
  }

  private List<Sample> large() {
    List<Sample> all = users(sample -> {
      BackupBlob blob = new BackupBlob(new KdfParameters(600_000, Sample.random(32)), sample.blob().backupId(), 1,
          Sample.random(112), Sample.random(112), Sample.random(BackupBlob.BYTES_MAX - 286));
      return new Sample(sample.owner(), blob, sample.auth(), sample.recoveryAuth());
    });
    all.forEach(sample -> assertEquals(Stored.DONE, backups.put(sample.put(0))));
    return all;
  }

  /// Whoever has no backup, but a row of tries, as everybody has after the first.
  private List<Sample> none() {
    List<Sample> all = users(sample -> sample);
    all.forEach(sample -> {
      assertEquals(Stored.DONE, backups.put(sample.put(0)));
      assertEquals(Stored.DONE, backups.delete(sample.owner(), 1));
    });
    return all;
  }

  private static List<Sample> users(UnaryOperator<Sample> change) {
    return Stream.generate(Sample::fresh).limit((WARMING + TRIES) / Tries.SHORT_MAX).map(change).toList();
  }
}
