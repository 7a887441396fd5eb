// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ToldTest {
  private final Told told = new Told();

  @BeforeEach
  void a_welcome_tells_all_there_was() {
    told.welcomed(5, 2);
  }

  @Test
  void who_was_told_of_every_change_has_missed_none() {
    told.changed(6);
    told.changed(7);
    assertFalse(told.missed(7));
    assertFalse(told.missed(7));
    assertEquals(7, told.newest());
  }

  @Test
  void a_change_that_was_not_told_is_missed_at_the_second_look_and_not_at_the_first() {
    assertFalse(told.missed(6));
    assertTrue(told.missed(6));
  }

  @Test
  void news_that_come_between_two_looks_were_only_late() {
    assertFalse(told.missed(6));
    told.changed(6);
    assertFalse(told.missed(7));
    assertTrue(told.missed(7));
  }

  @Test
  void a_change_before_one_that_was_told_is_missed_too() {
    told.changed(7);
    assertEquals(7, told.newest());
    assertFalse(told.missed(7));
    assertTrue(told.missed(7));
  }

  @Test
  void changes_may_come_in_any_order() {
    told.changed(8);
    told.changed(6);
    told.changed(7);
    assertFalse(told.missed(8));
    assertFalse(told.missed(8));
  }

  @Test
  void what_came_before_the_welcome_counts() {
    Told early = new Told();
    early.changed(6);
    early.welcomed(5, 0);
    assertEquals(6, early.newest());
    assertFalse(early.missed(6));
    assertFalse(early.missed(6));
  }

  @Test
  void more_changes_ahead_than_are_kept_are_missed() {
    for (long version = 7; version < 7 + 2 * 64; version++) {
      told.changed(version);
    }
    told.changed(6);
    assertFalse(told.missed(134));
    assertTrue(told.missed(134));
  }

  @Test
  void a_record_of_the_account_is_news_once() {
    assertFalse(told.account(2));
    assertTrue(told.account(3));
    assertFalse(told.account(3));
    assertEquals(3, told.accountSeq());
  }
}
