// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Contest;
import io.e2relay.loadtest.measure.CpuAccount;
import io.e2relay.loadtest.measure.Sample;
import io.e2relay.loadtest.measure.Stopwatch;
import io.e2relay.loadtest.measure.Turn;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Many pairs who answer each other: processor time of the server for each message that the other heard. The bare one
/// keeps nothing; ours acknowledges what is durable, and lets the sender hear it too.
record Pairs(Generator generator, CpuAccount postgres, Plan plan) {
  Contest run(String transport, int count, List<? extends Rival> rivals) {
    List<List<Couple>> all = rivals.stream()
        .map(rival -> rival.pairs(count).stream().map(two -> new Couple(rival, two)).toList()).toList();
    try {
      for (List<Couple> couples : all) {
        generator.many(couples.size(), i -> couples.get(i).begin());
        for (int i = 0; i < plan.rounds(); i++) {
          talk(couples);
        }
      }
      List<Turn> turns = IntStream.range(0, rivals.size())
          .mapToObj(i -> new Turn(rivals.get(i).name(), () -> round(rivals.get(i), all.get(i)))).toList();
      return new Contest("pairs %s n=%d".formatted(transport, count), "us", turns).run(plan.rounds());
    } finally {
      all.forEach(couples -> couples.forEach(Couple::close));
    }
  }

  private Sample round(Rival rival, List<Couple> couples) {
    long before = answers(couples);
    Stopwatch watch = new Stopwatch(rival.process().cpu(), postgres);
    talk(couples);
    double made = answers(couples) - before;
    return new Sample(watch.serverMicros() / made,
        Map.of("messages/s", made / watch.seconds(), "postgres us/message", watch.postgresMicros() / made));
  }

  private void talk(List<Couple> couples) {
    generator.onLoop(() -> {
      long until = System.nanoTime() + plan.nanos();
      return Future.all(couples.stream().map(couple -> couple.talk(until)).toList());
    });
  }

  private static long answers(List<Couple> couples) {
    return couples.stream().mapToLong(Couple::answers).sum();
  }
}
