// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Contest;
import io.e2relay.loadtest.measure.CpuAccount;
import io.e2relay.loadtest.measure.Sample;
import io.e2relay.loadtest.measure.Stopwatch;
import io.e2relay.loadtest.measure.Turn;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// All come at once: connections a second, 64 of them under way. When a connection counts, ours has checked a token,
/// whose signature it knows from the time before, and answered Welcome; the bare one has answered the upgrade.
record Accept(Generator generator, CpuAccount postgres, Plan plan) {
  Contest run(String transport, Ours ours, Bare bare) {
    int count = plan.size() * 2;
    List<String> tokens = generator.many(count, i -> ours.token("accept-" + i));
    Supplier<List<Wire>> ourStorm = () -> generator.many(count, i -> ours.enter(tokens.get(i)));
    Supplier<List<Wire>> bareStorm = () -> generator.many(count, _ -> bare.enter());
    List<Turn> turns = List.of(new Turn(ours.name(), () -> round(ours, ourStorm)),
        new Turn(bare.name(), () -> round(bare, bareStorm)));
    for (int i = 0; i < plan.rounds(); i++) {
      turns.forEach(Turn::round);
    }
    return new Contest("accept %s n=%d".formatted(transport, count), "connections/s", turns).run(plan.rounds());
  }

  private Sample round(Rival rival, Supplier<List<Wire>> storm) {
    Stopwatch watch = new Stopwatch(rival.process().cpu(), postgres);
    List<Wire> wires = storm.get();
    Sample sample = new Sample(wires.size() / watch.seconds(), Map.of("us/connection",
        watch.serverMicros() / wires.size(), "postgres us/connection", watch.postgresMicros() / wires.size()));
    wires.forEach(Wire::close);
    return sample;
  }
}
