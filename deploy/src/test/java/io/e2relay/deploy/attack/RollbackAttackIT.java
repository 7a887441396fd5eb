// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.ConversationState;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.wire.AccountChanged;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that shows what was, or one thing to one member and another to another.
final class RollbackAttackIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void an_older_epoch_than_the_one_that_was_verified_is_a_rollback() throws Exception {
    try (World world = new World(SERVICE)) {
      world.alice.in(world.chat).rotate();
      world.bob.reaches(world.chat, 2);
      EpochRecord first = world.ledger.epochs(world.chat).getFirst();
      Alarm expected = new Alarm.RolledBack(world.chat, new Epoch(2), new Epoch(1));
      try (
          Attack _ = world.server.onFrames(
              Lies.epochs(world.chat, shown -> shown.clearRecords().addRecords(first.bytes()).setCurrentEpoch(1)));
          Attack _ = world.server.onRequests(Lies.moved(world.chat, 1).only(world.bob.name()))) {
        world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "in the old epoch"));
      }
      world.bob.alarmed(expected);
      assertEquals(List.of(expected), world.bob.alarms());
      world.bob.says(world.chat, "in the new epoch");
      world.alice.hearsLast(world.chat, "in the new epoch");
      assertEquals(2, world.bob.in(world.chat).epoch().value());
      World.shown("older_epoch", World.name(expected));
    }
  }

  @Test
  void an_older_epoch_shown_to_a_device_that_was_off_is_a_rollback() throws Exception {
    try (World world = new World(SERVICE)) {
      world.alice.in(world.chat).rotate();
      world.bob.reaches(world.chat, 2);
      // The control: shown the truth, the device goes on where it was.
      world.bob.reopens();
      world.bob.says(world.chat, "switched on");
      world.alice.hearsLast(world.chat, "switched on");
      world.bob.hearsLast(world.chat, "switched on");
      assertEquals(List.of(), world.bob.alarms());
      EpochRecord first = world.ledger.epochs(world.chat).getFirst();
      Alarm expected = new Alarm.RolledBack(world.chat, new Epoch(2), new Epoch(1));
      String bob = world.bob.name();
      try (
          Attack _ = world.server.onFrames(
              Lies.epochs(world.chat, shown -> shown.clearRecords().addRecords(first.bytes()).setCurrentEpoch(1))
                  .only(bob));
          Attack _ = world.server.onFrames(
              Lies.conversation(world.chat, shown -> shown.setEpoch(1).setEpochHash(first.hash().bytes())).only(bob));
          Attack _ = world.server.onRequests(Lies.moved(world.chat, 1).only(bob))) {
        world.bob.reopens();
        world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "in the old epoch"));
        world.bob.alarmed(expected);
        world.bob.isIn(world.chat, new ConversationState.Blocked(expected));
      }
      world.bob.says(world.chat, "in the new epoch");
      world.alice.hearsLast(world.chat, "in the new epoch");
      assertEquals(2, world.alice.epochOf(world.chat, "in the new epoch"));
      assertEquals(List.of(expected), world.bob.alarms());
      World.shown("older_epoch_after_a_restart", World.name(expected));
    }
  }

  @Test
  void an_older_state_of_a_contacts_account_is_a_rollback() throws Exception {
    try (World world = new World(SERVICE)) {
      world.addDevice(world.bob).close();
      DeviceAttackIT.tellChanged(world, world.alice, world.bob);
      Until.holds(SOON, "alice has seen the new device",
          () -> world.alice.contacts().newest(world.bob.uid()).orElseThrow().statement().seq() == 2);
      ByteString first = world.ledger.account(world.bob.uid()).getFirst();
      Alarm expected = new Alarm.AccountRolledBack(world.bob.uid(), 2, 1);
      try (Attack _ = world.server.onFrames(Lies.account(world.bob.uid(), List.of(first)).only(world.alice.name()))) {
        world.server.tell(world.alice.name(), ServerFrame.newBuilder()
            .setAccountChanged(AccountChanged.newBuilder().setUid(world.bob.uid().bytes()).setLastSeq(3)).build());
        world.alice.alarmed(expected);
        world.alice.in(world.chat).rotate();
      }
      assertEquals(2,
          world.ledger.epoch(world.chat).statement().entry(world.bob.uid()).orElseThrow().account().accountSeq());
      assertEquals(List.of(expected), world.alice.alarms());
      world.bob.acknowledges();
      world.alice.says(world.chat, "under the new key");
      world.bob.hearsLast(world.chat, "under the new key");
      World.shown("older_account", World.name(expected));
    }
  }

  @Test
  void another_record_behind_the_hash_that_the_log_names_is_noticed() throws Exception {
    try (World world = new World(SERVICE)) {
      Hash named = world.ledger.epochs(world.chat).getFirst().hash();
      Alarm.EpochDiffers expected;
      try (Attack _ = world.server.onFrames(Edit
          .<ServerFrame>change(frame -> frame.hasControl() && !frame.getControl().getEpochHash().isEmpty(), frame -> {
            ServerFrame.Builder changed = frame.toBuilder();
            changed.getControlBuilder().setEpochHash(named.bytes());
            return changed.build();
          }).only(world.bob.name()))) {
        world.alice.in(world.chat).rotate();
        EpochRecord verified = world.ledger.epochs(world.chat).getLast();
        expected = new Alarm.EpochDiffers(world.chat, new Epoch(2), Optional.of(verified), named);
        world.bob.alarmed(expected);
        world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "in which epoch?"));
        // Who has looked at it goes on with what was verified, although the server says the same again.
        world.bob.in(world.chat).goOn(expected);
        world.bob.says(world.chat, "in the one that I verified");
        world.alice.hearsLast(world.chat, "in the one that I verified");
        world.bob.reopens();
        world.bob.says(world.chat, "and still");
        world.alice.hearsLast(world.chat, "and still");
        assertEquals(List.of(), world.bob.alarms());
      }
      world.bob.reopens();
      world.bob.says(world.chat, "in the new epoch");
      world.alice.hearsLast(world.chat, "in the new epoch");
      World.shown("another_epoch_in_the_log", World.name(expected));
    }
  }

  @Test
  void pages_that_never_end_are_given_up() throws Exception {
    try (World world = new World(SERVICE)) {
      try (Attack _ = world.server.onFrames(Lies.epochs(world.chat, shown -> shown.setMore(true)));
          Attack _ = world.server.onFrames(Lies.wraps(world.chat, shown -> shown.setMore(true)))) {
        world.bob.reopens();
        world.alice.in(world.chat).rotate();
        world.bob.alarms();
      }
      world.bob.reopens();
      world.bob.says(world.chat, "and on");
      world.alice.hearsLast(world.chat, "and on");
      long asked = world.server.asked(world.bob.name()).stream()
          .filter(frame -> frame.hasGetEpochs() || frame.hasGetWraps()).count();
      World.shown("endless_pages", "asked=" + asked);
    }
  }
}
