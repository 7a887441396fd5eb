// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class AppendRetryTest {

  @Test
  void a_batch_in_conflict_is_tried_again_once_and_then_one_by_one() {
    assertEquals(AppendRetry.AGAIN, AppendRetry.after("23505", 2, 1));
    assertEquals(AppendRetry.ONE_BY_ONE, AppendRetry.after("23505", 2, 2));
  }

  @Test
  void a_single_message_in_conflict_is_tried_a_few_times() {
    assertEquals(AppendRetry.AGAIN, AppendRetry.after("23505", 1, 3));
    assertEquals(AppendRetry.NEVER, AppendRetry.after("23505", 1, 4));
  }

  @Test
  void deadlocks_and_serialisation_failures_are_tried_a_few_times() {
    for (String state : new String[]{"40001", "40P01"}) {
      assertEquals(AppendRetry.AGAIN, AppendRetry.after(state, 64, 1));
      assertEquals(AppendRetry.AGAIN, AppendRetry.after(state, 64, 3));
      assertEquals(AppendRetry.NEVER, AppendRetry.after(state, 64, 4));
    }
  }

  @Test
  void whatever_else_happens_is_the_callers_to_repeat() {
    for (String state : new String[]{"", "57014", "57P01", "53300", "23514"}) {
      assertEquals(AppendRetry.NEVER, AppendRetry.after(state, 1, 1));
    }
  }
}
