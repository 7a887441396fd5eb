// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Contest;
import io.e2relay.loadtest.measure.CpuAccount;
import io.e2relay.loadtest.measure.Sample;
import io.e2relay.loadtest.measure.Stopwatch;
import io.e2relay.loadtest.measure.Turn;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;

/// Who was away comes back to a log of ten times as many messages as the largest room has members: entries a second,
/// beside a cursor over the same rows.
record CatchUps(Generator generator, CpuAccount postgres, Plan plan) {
  private static final int WINDOW = 32;
  private static final int TIMES = 5;

  Contest run(Ours ours, BareStore bare) {
    int messages = plan.size() * 10;
    Wire reader = filled(ours, messages);
    Turn our = new Turn(ours.name(), () -> round(ours, reader, messages));
    Turn cursor = new Turn("bare-cursor", () -> round(ours, bare, reader));
    for (Turn turn : List.of(our, cursor)) {
      turn.round();
    }
    Contest contest = new Contest("catchup n=" + messages, "messages/s", List.of(our, cursor)).run(plan.rounds());
    reader.close();
    return contest;
  }

  /// A member of a conversation with so many messages, who has seen none of them.
  private Wire filled(Ours ours, int messages) {
    List<Wire> two = ours.pair();
    Writers writer = new Writers(ours, generator.vertx(), List.of(two.getFirst()));
    generator.onLoop(writer::begin);
    while (writer.acknowledged() < messages) {
      int left = (int) Math.min(WINDOW, messages - writer.acknowledged());
      generator.onLoop(() -> writer.writeAll(left, 0));
    }
    two.getFirst().close();
    return two.getLast();
  }

  private Sample round(Ours ours, Wire reader, int messages) {
    Stopwatch watch = new Stopwatch(ours.process().cpu(), postgres);
    for (int i = 0; i < TIMES; i++) {
      generator.onLoop(() -> catchUp(ours, reader, messages));
    }
    double made = (double) messages * TIMES;
    return new Sample(made / watch.seconds(),
        Map.of("us/message", watch.serverMicros() / made, "postgres us/message", watch.postgresMicros() / made));
  }

  private static Future<Void> catchUp(Ours ours, Wire reader, int messages) {
    Promise<Void> all = Promise.promise();
    int[] left = {messages};
    reader.countMessages(count -> {
      left[0] -= count;
      if (left[0] == 0) {
        all.complete();
      }
    });
    ours.followUnheard(reader);
    return all.future();
  }

  private Sample round(Ours ours, BareStore bare, Wire reader) {
    Stopwatch watch = new Stopwatch(postgres, postgres);
    double made = 0;
    for (int i = 0; i < TIMES; i++) {
      made += generator.onLoop(() -> bare.read(ours.conversation(reader)));
    }
    return new Sample(made / watch.seconds(),
        Map.of("us/message", 0.0, "postgres us/message", watch.postgresMicros() / made));
  }
}
