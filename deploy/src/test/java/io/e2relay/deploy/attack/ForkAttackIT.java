// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.ServerFrame;
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

  @Test
  void who_is_shown_one_record_only_finds_out_with_the_other() throws Exception {
    try (World world = new World(SERVICE)) {
      List<ClientFrame> kept = new CopyOnWriteArrayList<>();
      try (
          Attack _ = world.server
              .onFrames(Lies.epochs(world.chat, shown -> replace(shown, kept)).only(world.bob.name()));
          Attack _ = world.server
              .onFrames(Edit.<ServerFrame>change(frame -> frame.hasControl() && isOfSecond(frame.getControl()),
                  frame -> control(frame, kept)).only(world.bob.name()));
          Attack _ = world.server.onFrames(
              Lies.wraps(world.chat, shown -> shown.getWrapsBuilderList().stream().filter(wrap -> wrap.getEpoch() == 2)
                  .forEach(wrap -> wrap.setWrap(wrap(world, kept)))).only(world.bob.name()))) {
        rotated(world, kept);
        world.bob.reaches(world.chat, 2);
        world.bob.knows(world.chat);
        assertEquals(List.of(), world.bob.alarms());
      }
      Alarm expected = new Alarm.Forked(world.chat, Records.epoch(kept.getFirst().getPutEpoch().getRecord()),
          world.ledger.epoch(world.chat));
      try (Attack _ = world.server.onRequests(Lies.moved(world.chat, 2).only(world.bob.name()))) {
        world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "to which half?"));
      }
      world.bob.alarmed(expected);
      assertEquals(List.of(expected), world.bob.alarms());
      world.alice.says(world.chat, "to all who are in it");
      assertEquals(List.of(), world.alice.alarms());
      World.shown("fork_unseen", "none," + World.name(expected));
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

  private static void replace(io.e2relay.protocol.wire.Epochs.Builder shown, List<ClientFrame> kept) {
    for (int i = 0; i < shown.getRecordsCount(); i++) {
      if (Records.epoch(shown.getRecords(i)).statement().epoch().value() == 2) {
        shown.setRecords(i, kept.getFirst().getPutEpoch().getRecord());
      }
    }
  }

  private static boolean isOfSecond(Control control) {
    return control.getEpoch() == 2 && !control.getEpochHash().isEmpty();
  }

  private static ServerFrame control(ServerFrame frame, List<ClientFrame> kept) {
    ServerFrame.Builder changed = frame.toBuilder();
    changed.getControlBuilder().setEpochHash(Records.epoch(kept.getFirst().getPutEpoch().getRecord()).hash().bytes());
    return changed.build();
  }

  private static ByteString wrap(World world, List<ClientFrame> kept) {
    List<RosterEntry> active = Records.epoch(kept.getFirst().getPutEpoch().getRecord()).statement().roster().stream()
        .filter(RosterEntry::active).toList();
    int place = active.stream().map(RosterEntry::uid).toList().indexOf(world.bob.uid());
    return kept.getFirst().getPutEpoch().getWraps(place);
  }

  private static long sends(World world) {
    return world.server.asked(world.bob.name()).stream().filter(ClientFrame::hasSend).count();
  }
}
