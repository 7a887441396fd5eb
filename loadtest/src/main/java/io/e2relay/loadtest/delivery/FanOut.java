// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Contest;
import io.e2relay.loadtest.measure.CpuAccount;
import io.e2relay.loadtest.measure.Sample;
import io.e2relay.loadtest.measure.Stopwatch;
import io.e2relay.loadtest.measure.Turn;
import java.util.List;
import java.util.Map;

/// One says something and all hear it: processor time of the server for each delivery.
record FanOut(Generator generator, CpuAccount postgres, Plan plan) {
  private static final int WARM_WINDOW = 4;

  /// In rooms of one size, with windows of one message and of eight.
  List<Contest> run(String transport, int size, List<? extends Rival> rivals) {
    List<Room> rooms = rivals.stream().map(rival -> new Room(rival, rival.room(size))).toList();
    try {
      for (Room room : rooms) {
        generator.onLoop(room::begin);
        for (int i = 0; i < plan.rounds(); i++) {
          generator.onLoop(() -> room.talk(WARM_WINDOW, plan.nanos()));
        }
      }
      return List.of(1, 8).stream()
          .map(window -> new Contest("fanout %s n=%d w=%d".formatted(transport, size, window), "us",
              rooms.stream().map(room -> new Turn(room.rival().name(), () -> round(room, window))).toList())
              .run(plan.rounds()))
          .toList();
    } finally {
      rooms.forEach(Room::close);
    }
  }

  private Sample round(Room room, int window) {
    long deliveries = room.deliveries();
    long messages = room.messages();
    Stopwatch watch = new Stopwatch(room.rival().process().cpu(), postgres);
    generator.onLoop(() -> room.talk(window, plan.nanos()));
    double made = room.deliveries() - deliveries;
    return new Sample(watch.serverMicros() / made, Map.of("deliveries/s", made / watch.seconds(), "postgres us/message",
        watch.postgresMicros() / (room.messages() - messages)));
  }
}
