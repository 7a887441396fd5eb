// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Contest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Measures the service beside bare servers that do only the part in question, in turns, each in a process of its own
/// with the same flags. Run by `deploy/e2relay bench`.
public final class DeliveryBench {
  private DeliveryBench() {
  }

  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    Plan plan = Plan.of(Arrays.asList(arguments));
    List<Contest> contests = new ArrayList<>();
    try (Generator generator = new Generator(); Site site = Site.open(plan.server(), generator)) {
      Ground ground = ground(generator, site);
      IO.println(ground.text());
      Course course = new Course(plan, generator, site, contest -> {
        contests.add(contest);
        IO.println(contest.table());
      });
      plan.names().forEach(course::run);
      contests.forEach(contest -> contest.shown().forEach(IO::println));
      IO.println(contests.stream().map(Contest::json).collect(Collectors.joining(",",
          "{\"bench\":\"delivery\",\"ground\":%s,\"rounds\":%d,\"contests\":[".formatted(ground.json(), plan.rounds()),
          "]}")));
    }
  }

  private static Ground ground(Generator generator, Site site) {
    BareStore store = BareStore.open(generator, site);
    try {
      return Ground.of(generator, site, store);
    } finally {
      store.close(generator);
    }
  }
}
