// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class HeartbeatTest {
  private final Heartbeat heartbeat = new Heartbeat(100, 1_000);

  @Test
  void a_side_that_answers_is_pinged_again_and_again() {
    for (int i = 1; i < 10; i++) {
      assertEquals(Heartbeat.Beat.NOTHING, heartbeat.tick(1_000 + i * 100 - 1));
      assertEquals(Heartbeat.Beat.PING, heartbeat.tick(1_000 + i * 100));
      heartbeat.heard();
    }
  }

  @Test
  void a_side_that_is_silent_for_the_interval_after_a_ping_is_idle() {
    assertEquals(Heartbeat.Beat.PING, heartbeat.tick(1_100));
    assertEquals(Heartbeat.Beat.NOTHING, heartbeat.tick(1_199));
    assertEquals(Heartbeat.Beat.IDLE, heartbeat.tick(1_200));
  }
}
