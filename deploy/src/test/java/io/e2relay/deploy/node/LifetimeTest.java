// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LifetimeTest {
  private final Lifetime lifetime = Lifetime.ofTest();
  private final List<String> stopped = Collections.synchronizedList(new ArrayList<>());

  @Test
  void the_newest_is_stopped_first_and_each_once() throws Exception {
    lifetime.start("a", () -> "a", stopped::add);
    lifetime.start("b", () -> "b", stopped::add);
    assertTrue(lifetime.stopAll());
    assertTrue(lifetime.stopAll());
    assertEquals(List.of("b", "a"), stopped);
  }

  @Test
  void one_that_does_not_stop_holds_nobody_up_but_is_told() throws Exception {
    lifetime.start("a", () -> "a", stopped::add);
    lifetime.start("b", () -> "b", _ -> {
      throw new IllegalStateException("stuck");
    });
    assertFalse(lifetime.stopAll());
    assertEquals(List.of("a"), stopped);
  }

  @Test
  void a_step_that_failed_has_nothing_to_stop() throws Exception {
    lifetime.start("a", () -> "a", stopped::add);
    Lifetime.Step<String> failing = () -> {
      throw new IllegalStateException("not today");
    };
    assertThrows(IllegalStateException.class, () -> lifetime.start("b", failing, stopped::add));
    lifetime.abandon();
    assertEquals(List.of("a"), stopped);
  }

  @Test
  void told_to_end_in_the_middle_of_a_step_it_starts_no_other_and_stops_that_one_too() throws Exception {
    CountDownLatch inStep = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    lifetime.onEnding(() -> seen.add("ending"));
    Thread starting = Thread.ofVirtual().start(() -> {
      try {
        lifetime.start("a", () -> {
          inStep.countDown();
          goOn.await();
          return "a";
        }, stopped::add);
        lifetime.start("b", () -> "b", stopped::add);
      } catch (Exception e) {
        seen.add(e.getClass().getSimpleName());
      } finally {
        lifetime.startOver();
      }
    });
    inStep.await();
    Thread ending = Thread.ofVirtual().start(lifetime::end);
    while (!lifetime.isEnding()) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    starting.join();
    ending.join();
    lifetime.awaitEnd();
    assertEquals(List.of("a"), stopped);
    assertEquals(List.of("EndedException", "ending"), seen);
  }
}
