// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HysteresisTest {
  private final Hysteresis hysteresis = new Hysteresis(3);

  @Test
  void it_begins_down_and_one_success_lifts_it() {
    assertFalse(hysteresis.saw(false));
    assertTrue(hysteresis.saw(true));
  }

  @Test
  void it_falls_with_the_third_failure_in_a_row_and_not_before() {
    hysteresis.saw(true);
    assertTrue(hysteresis.saw(false));
    assertTrue(hysteresis.saw(false));
    assertFalse(hysteresis.saw(false));
  }

  @Test
  void a_success_in_between_starts_the_count_again() {
    hysteresis.saw(true);
    hysteresis.saw(false);
    hysteresis.saw(false);
    assertTrue(hysteresis.saw(true));
    assertTrue(hysteresis.saw(false));
    assertTrue(hysteresis.saw(false));
    assertFalse(hysteresis.saw(false));
  }

  @Test
  void after_any_number_of_failures_one_success_is_enough() {
    for (int failure = 0; failure < 100; failure++) {
      assertFalse(hysteresis.saw(false));
    }
    assertTrue(hysteresis.saw(true));
  }

  @Test
  void zero_failures_make_no_rule() {
    assertThrows(IllegalArgumentException.class, () -> new Hysteresis(0));
  }
}
