// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.client.e2ee.Alarm;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server with two records of one epoch, both signed by a member: it kept the first from everybody, and said that it
/// could not be taken.
final class ForkAttackIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void who_is_shown_both_records_keeps_them_as_evidence_and_sends_nothing_more() throws Exception {
    try (World world = new World(SERVICE)) {
      EpochRecord kept = Records.epoch(rotated(world, new CopyOnWriteArrayList<>()).getPutEpoch().getRecord());
      world.bob.reaches(world.chat, 2);
      Alarm expected = new Alarm.Forked(world.chat, world.ledger.epoch(world.chat), kept);
      try (
          Attack _ = world.server.onFrames(
              Lies.epochs(world.chat, shown -> shown.clearRecords().addRecords(kept.bytes()).setCurrentEpoch(2))
                  .only(world.bob.name()));
          Attack _ = world.server.onRequests(Lies.moved(world.chat, 2).only(world.bob.name()))) {
        world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "to which half?"));
      }
      long sent = sends(world);
      world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "to which half?"));
      world.bob.alarmed(expected);
      assertEquals(List.of(expected), world.bob.alarms());
      world.bob.reopens();
      world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "to which half?"));
      world.bob.alarmed(expected);
      assertEquals(List.of(expected), world.bob.alarms());
      assertEquals(sent, sends(world));
      // The control: who knows of one record only goes on.
      world.alice.says(world.chat, "to all who are in it");
      assertEquals(List.of(), world.alice.alarms());
      World.shown("fork_seen", World.name(expected));
    }
  }

  /// Alice's first record of epoch 2 is kept, her second one is stored.
  private static ClientFrame rotated(World world, List<ClientFrame> kept) {
    try (Attack _ = world.server
        .onRequests(Edit.answer(frame -> frame.hasPutEpoch() && kept.isEmpty() && kept.add(frame),
            _ -> Lies.refusal(ErrorCode.ROSTER_MISMATCH, Advice.ADVICE_REFRESH_KEYS, error -> {
            })))) {
      world.alice.in(world.chat).rotate();
    }
    return kept.getFirst();
  }

  private static long sends(World world) {
    return world.server.asked(world.bob.name()).stream().filter(ClientFrame::hasSend).count();
  }
}
