// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Rounds in turns, and how they are told.
final class ContestTest {
  private final List<String> turns = new ArrayList<>();

  @Test
  void the_ratio_is_taken_round_by_round_and_the_turns_alternate() {
    Contest contest = new Contest("a b", "us", List.of(turn("ours", 2, 6, 9), turn("bare", 1, 2, 9))).run(3);
    assertEquals(List.of("ours", "bare", "bare", "ours", "ours", "bare"), turns);
    assertEquals(
        List.of("shown: bench name=a-b unit=us ours=6.00 bare=2.00 ratio=2.00 ratio-min=1.00 ratio-max=3.00 rounds=3"),
        contest.shown());
    assertEquals("""
        {"contest":"a b","unit":"us","results":[\
        {"name":"ours","median":6.000,"min":2.000,"max":9.000,"per_s":6.000},\
        {"name":"bare","median":2.000,"min":1.000,"max":9.000,"per_s":2.000}]}""", contest.json());
    assertEquals("""
        a b                      ours                   6.00 us (2.00 to 9.00)   per s 6.0
        a b                      bare                   2.00 us (1.00 to 9.00)   per s 2.0   ours is 2.00 of it \
        (1.00 to 3.00)""", contest.table().replace(System.lineSeparator(), "\n"));
  }

  private Turn turn(String name, double... figures) {
    Iterator<Double> next = Arrays.stream(figures).iterator();
    return new Turn(name, () -> {
      turns.add(name);
      double figure = next.next();
      return new Sample(figure, Map.of("per s", figure));
    });
  }
}
