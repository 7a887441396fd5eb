// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Contest;
import io.e2relay.loadtest.measure.CpuAccount;
import io.e2relay.loadtest.measure.Sample;
import io.e2relay.loadtest.measure.Stopwatch;
import io.e2relay.loadtest.measure.Turn;
import java.util.List;
import java.util.Map;

/// Many write at once: messages a second that are durable, beside a client that does nothing but write rows into the
/// same PostgreSQL.
record Appends(Generator generator, CpuAccount postgres, Plan plan) {
  private static final int WRITERS = 64;
  private static final int WINDOW = 8;
  private static final int WARM_TIMES = 4;

  /// Until what runs for each message is compiled; other measurements need that too.
  static void warm(Generator generator, Ours ours, Plan plan) {
    Writers writers = new Writers(ours, generator.vertx(), ours.writers(WRITERS));
    generator.onLoop(writers::begin);
    generator.onLoop(() -> writers.writeAll(WINDOW, WARM_TIMES * plan.nanos()));
    writers.close();
  }

  Contest run(Ours ours, BareStore bare) {
    Writers writers = new Writers(ours, generator.vertx(), ours.writers(WRITERS));
    generator.onLoop(writers::begin);
    try {
      return new Contest("append", "messages/s",
          List.of(new Turn(ours.name(), () -> round(ours, writers, bare)), new Turn("bare-rows", () -> round(bare))))
          .run(plan.rounds());
    } finally {
      writers.close();
    }
  }

  private Sample round(Ours ours, Writers writers, BareStore log) {
    long before = writers.acknowledged();
    long flushed = generator.onLoop(log::flushes);
    Stopwatch watch = new Stopwatch(ours.process().cpu(), postgres);
    generator.onLoop(() -> writers.writeAll(WINDOW, plan.nanos()));
    double made = writers.acknowledged() - before;
    double perSecond = made / watch.seconds();
    double flushes = (generator.onLoop(log::flushes) - flushed) / watch.seconds();
    double serverMicros = watch.serverMicros() / made;
    double postgresMicros = watch.postgresMicros() / made;
    generator.onLoop(() -> writers.writePaced(perSecond / 2, plan.nanos()));
    return new Sample(perSecond, Map.of("us/message", serverMicros, "postgres us/message", postgresMicros,
        "wal flushes/s", flushes, "p99 ms at half the rate", writers.p99Millis()));
  }

  private Sample round(BareStore bare) {
    long flushed = generator.onLoop(bare::flushes);
    Stopwatch watch = new Stopwatch(postgres, postgres);
    double made = generator.onLoop(() -> bare.append(plan.nanos()));
    double seconds = watch.seconds();
    double postgresMicros = watch.postgresMicros() / made;
    double flushes = (generator.onLoop(bare::flushes) - flushed) / seconds;
    return new Sample(made / seconds, Map.of("us/message", 0.0, "postgres us/message", postgresMicros, "wal flushes/s",
        flushes, "p99 ms at half the rate", 0.0));
  }
}
