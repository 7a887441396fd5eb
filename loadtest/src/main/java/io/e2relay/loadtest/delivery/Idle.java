// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Child;
import io.e2relay.loadtest.measure.Contest;
import io.e2relay.loadtest.measure.Sample;
import io.e2relay.loadtest.measure.Turn;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Nobody says anything: memory in RAM for each connection that just stands, after a collection of garbage. Each round
/// has a server of its own, for what a heap once took it does not always give back.
record Idle(Generator generator, Plan plan) {
  private static final int WARM = 200;

  Contest run(String transport, Supplier<? extends Rival> ours, Supplier<? extends Rival> bare) {
    int count = plan.size() * 4;
    return new Contest("idle %s n=%d".formatted(transport, count), "KiB",
        List.of(new Turn("e2relay", () -> round(ours, count)), new Turn("bare-coalesced", () -> round(bare, count))))
        .run(plan.rounds());
  }

  private Sample round(Supplier<? extends Rival> start, int count) {
    try (Rival rival = start.get()) {
      generator.many(WARM, _ -> rival.enter()).forEach(Wire::close);
      double before = resident(rival.process());
      List<Wire> wires = generator.many(count, _ -> rival.enter());
      double after = resident(rival.process());
      wires.forEach(Wire::close);
      return new Sample((after - before) / count, Map.of("server MiB without", before / 1024));
    }
  }

  private static double resident(Child process) {
    process.collectGarbage();
    return process.residentKib();
  }
}
