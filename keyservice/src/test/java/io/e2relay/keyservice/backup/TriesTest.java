// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import static io.e2relay.keyservice.backup.Sample.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.keyservice.backup.Tries.Turn;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TriesTest {
  private static final long MINUTE = 60_000;
  private static final Turn FREE = new Turn.Free();

  @Test
  void five_in_a_quarter_of_an_hour_and_the_sixth_waits_for_the_first_to_pass() {
    Tries tries = Tries.NONE;
    for (int i = 0; i < Tries.SHORT_MAX; i++) {
      assertEquals(FREE, tries.turn(NOW + i * MINUTE));
      tries = tries.wrong(NOW + i * MINUTE);
    }
    assertEquals(new Turn.Wait(11 * MINUTE), tries.turn(NOW + 4 * MINUTE));
    assertEquals(new Turn.Wait(1), tries.turn(NOW + 15 * MINUTE - 1));
    assertEquals(FREE, tries.turn(NOW + 15 * MINUTE));
    // Not five at once again: the other four still count.
    assertEquals(new Turn.Wait(MINUTE), tries.wrong(NOW + 15 * MINUTE).turn(NOW + 15 * MINUTE));
  }

  @Test
  void twenty_in_a_day() {
    Tries tries = Tries.NONE;
    for (int i = 0; i < Tries.DAY_MAX; i++) {
      assertEquals(FREE, tries.turn(NOW + i * 30L * MINUTE));
      tries = tries.wrong(NOW + i * 30L * MINUTE);
    }
    long later = NOW + 20 * 30L * MINUTE;
    assertEquals(new Turn.Wait(14 * 60 * MINUTE), tries.turn(later));
    assertEquals(FREE, tries.turn(NOW + Tries.DAY_MS));
    assertEquals(new Turn.Wait(30 * MINUTE), tries.wrong(NOW + Tries.DAY_MS).turn(NOW + Tries.DAY_MS));
  }

  @Test
  void a_hundred_for_a_backup_and_no_time_passes_them() {
    Tries tries = Tries.NONE;
    long now = NOW;
    for (int i = 0; i < Tries.LIFETIME_MAX; i++) {
      now += 2 * 60 * MINUTE;
      assertEquals(FREE, tries.turn(now));
      tries = tries.wrong(now);
    }
    assertEquals(new Turn.Locked(), tries.turn(now));
    assertEquals(new Turn.Locked(), tries.turn(now + 365 * Tries.DAY_MS));
    assertEquals(new Turn.Locked(), tries.right().turn(now));
    assertEquals(FREE, tries.renewed().turn(now + Tries.DAY_MS));
  }

  @Test
  void a_right_one_forgets_the_short_and_the_day_but_not_the_lifetime() {
    Tries tries = Tries.NONE.wrong(NOW).wrong(NOW).wrong(NOW).wrong(NOW).wrong(NOW);
    assertEquals(new Turn.Wait(15 * MINUTE), tries.turn(NOW));
    assertEquals(new Tries(List.of(), 5), tries.right());
    assertEquals(FREE, tries.right().turn(NOW));
  }

  @Test
  void another_backup_forgets_the_lifetime_but_not_the_short() {
    Tries tries = Tries.NONE.wrong(NOW).wrong(NOW).wrong(NOW).wrong(NOW).wrong(NOW).renewed();
    assertEquals(0, tries.lifetime());
    assertEquals(new Turn.Wait(15 * MINUTE), tries.turn(NOW));
  }

  @Test
  void only_the_last_are_kept_and_a_clock_behind_lets_nobody_in_sooner() {
    Tries tries = new Tries(List.of(), 0);
    for (int i = 0; i < 30; i++) {
      tries = tries.wrong(NOW + i);
    }
    assertEquals(Tries.DAY_MAX, tries.wrongMs().size());
    assertEquals(30, tries.lifetime());
    assertEquals(NOW + 29, tries.wrong(NOW - Tries.DAY_MS).wrongMs().getLast());
    // Never told to wait for longer than the window.
    assertEquals(new Turn.Wait(Tries.DAY_MS), tries.turn(NOW - 10 * Tries.DAY_MS));
  }
}
