// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class AppendRetryTest {

  @Test
  void deadlocks_and_serialisation_failures_are_tried_a_few_times() {
    for (String state : new String[]{"40001", "40P01"}) {
      assertTrue(AppendRetry.again(state, 1));
      assertTrue(AppendRetry.again(state, 3));
      assertFalse(AppendRetry.again(state, 4));
    }
  }

  @Test
  void whatever_else_happens_is_the_callers_to_repeat() {
    for (String state : new String[]{"", "57014", "57P01", "53300", "23505", "23514"}) {
      assertFalse(AppendRetry.again(state, 1));
    }
  }
}
