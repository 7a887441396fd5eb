// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ranges beside a set of every place in them.
final class RangesTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void ranges_are_the_places_that_were_put_in_and_not_taken_out(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Ranges ranges = Ranges.NONE;
    Set<Long> places = new TreeSet<>();
    for (int i = 0; i < 500; i++) {
      long from = 1 + random.nextLong(100);
      Range some = new Range(from, from + random.nextLong(9));
      if (random.nextBoolean()) {
        ranges = ranges.with(some);
        places.addAll(places(some));
      } else {
        ranges = ranges.without(some);
        places.removeAll(places(some));
      }
      assertEquals(places, new TreeSet<>(places(ranges)), "seed " + seed + " step " + i);
      assertEquals(places.size(), places(ranges).size());
      assertEquals(ranges, Ranges.read(ranges.packed()));
    }
  }

  @Test
  void too_many_are_joined_where_they_lie_nearest_and_none_is_lost() {
    Ranges ranges = Ranges.NONE;
    List<Long> put = new ArrayList<>();
    for (long i = 1; i <= 200; i++) {
      ranges = ranges.with(new Range(i * i, i * i));
      put.add(i * i);
    }
    assertEquals(Ranges.COUNT_MAX, ranges.all().size());
    assertTrue(places(ranges).containsAll(put));
    assertEquals(new Range(40_000, 40_000), ranges.all().getLast());
  }

  private static List<Long> places(Ranges ranges) {
    return ranges.all().stream().flatMap(range -> places(range).stream()).toList();
  }

  private static Set<Long> places(Range range) {
    return LongStream.rangeClosed(range.from(), range.to()).boxed().collect(Collectors.toSet());
  }
}
