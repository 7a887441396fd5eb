// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PulseTest {
  // Close to the overflow on purpose: nanoTime may be anything.
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final Pulse pulse = new Pulse(2, nanos::get);

  @Test
  void it_lives_for_5_seconds_without_a_tick_and_no_longer() {
    nanos.addAndGet(Duration.ofSeconds(5).toNanos());
    assertTrue(pulse.isAlive());
    nanos.incrementAndGet();
    assertFalse(pulse.isAlive());
  }

  @Test
  void one_silent_loop_is_enough_to_be_dead_and_its_tick_to_live_again() {
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    pulse.ticked(0);
    assertFalse(pulse.isAlive());
    pulse.ticked(1);
    assertTrue(pulse.isAlive());
  }
}
