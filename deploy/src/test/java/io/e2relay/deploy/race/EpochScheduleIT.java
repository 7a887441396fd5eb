// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.race;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.deploy.endtoend.Shown;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.vertx.core.buffer.Buffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.opentest4j.AssertionFailedError;

/// Removing, sending, rotating, adding, leaving and revoking at once, through two key services and two stores.
@ExtendWith(BackingExtension.class)
final class EpochScheduleIT {
  private static final int SCHEDULES = 240;
  private static final Set<ErrorCode> EXPECTED = EnumSet.of(ErrorCode.EPOCH_MOVED, ErrorCode.ROSTER_MISMATCH,
      ErrorCode.STALE_KEYS, ErrorCode.NOT_A_MEMBER, ErrorCode.NOT_ALLOWED, ErrorCode.LAST_ADMIN, ErrorCode.STALE_EPOCH,
      ErrorCode.EPOCH_CLOSED);

  private final Postgres postgres;

  EpochScheduleIT(Postgres postgres) {
    this.postgres = postgres;
  }

  @Test
  void whatever_comes_at_once_no_message_is_behind_the_end_of_its_epoch_and_nobody_has_a_key_who_should_not()
      throws TimeoutException, InterruptedException, ExecutionException {
    long base = Long.getLong("seed", 1);
    Map<Schedule.Step, Long> done = new TreeMap<>();
    Map<ErrorCode, Long> refused = new TreeMap<>();
    int converged = 0;
    try (KeyStation station = new KeyStation(postgres)) {
      Ledger ledger = new Ledger(station);
      for (int i = 0; i < SCHEDULES; i++) {
        Schedule schedule = new Schedule(station, base + i);
        schedule.run(station);
        settled(station);
        converged += schedule.converges() ? 1 : 0;
        ledger.check(schedule.group());
        add(done, schedule.done());
        add(refused, schedule.refused());
      }
      ledger.checkAll();
      refused.keySet().forEach(code -> assertTrue(EXPECTED.contains(code), "refused with " + code));
      assertEquals(Set.of(Schedule.Step.values()), done.keySet(), "every step was carried out");
      assertTrue(refused.keySet().containsAll(List.of(ErrorCode.EPOCH_MOVED, ErrorCode.STALE_EPOCH)));
      Shown.line("epoch-schedules schedules=%d seed=%d done=%s refused=%s messages=%d epochs=%d converged=%d"
          .formatted(SCHEDULES, base, done, refused, ledger.messages(), ledger.epochs(), converged));
    }
  }

  @Test
  void the_ledger_notices_what_must_not_be() throws TimeoutException, InterruptedException, ExecutionException {
    try (KeyStation station = new KeyStation(postgres)) {
      Ledger ledger = new Ledger(station);
      Schedule schedule = new Schedule(station, 1);
      schedule.run(station);
      settled(station);
      schedule.converges();
      ledger.check(schedule.group());
      ledger.checkAll();
      Buffer id = Buffer.buffer(schedule.group().id().bytes().toByteArray());
      station.rows("""
          INSERT INTO keys.wrap (conversation_id, epoch, uid, wrap)
          SELECT $1::bytea, 1, substring(sha256('stranger') FOR 16), substring(sha256('a') || sha256('b') || sha256('c')
            || sha256('d') FOR 113)""", id);
      assertThrows(AssertionFailedError.class, ledger::checkAll);
      // The other test reads the same tables.
      station.rows("""
          DELETE FROM keys.wrap WHERE conversation_id = $1::bytea AND uid = substring(sha256('stranger') FOR 16)""",
          id);
      ledger.checkAll();
      station.rows("""
          UPDATE store.entry SET epoch = epoch + 1 WHERE conversation_id = $1::bytea AND kind = 1
            AND seq = (SELECT max(seq) FROM store.entry WHERE conversation_id = $1::bytea AND kind = 1)""", id);
      assertThrows(AssertionFailedError.class, () -> ledger.check(schedule.group()));
      Shown.line("epoch-ledger control=clean stray_wrap=noticed message_of_another_epoch=noticed");
    }
  }

  /// The closing of epochs for turned keys goes on behind the answers.
  private static void settled(KeyStation station) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (station.count("SELECT count(*) AS count FROM keys.turn_job") > 0) {
      assertTrue(System.nanoTime() < deadline, "the epochs of turned keys are closed");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private static <K> void add(Map<K, Long> sums, Map<K, LongAdder> more) {
    more.forEach((key, count) -> sums.merge(key, count.sum(), Long::sum));
  }
}
