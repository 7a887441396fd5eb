// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.e2relay.client.e2ee.Account;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.Authority;
import io.e2relay.client.e2ee.BlockedException;
import io.e2relay.client.e2ee.Change;
import io.e2relay.client.e2ee.Entrance;
import io.e2relay.client.e2ee.Entry;
import io.e2relay.client.e2ee.Offered;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that shows the past to a device that has just been set up and remembers nothing itself.
final class FreshDeviceAttackIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String NEXT_PASSWORD = "violet harbour cactus engine";

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void whatever_way_a_device_came_it_believes_no_epoch_below_the_one_its_user_has_seen() throws Exception {
    try (World world = new World(SERVICE)) {
      Entrance tablet = afterTheSecondEpoch(world);
      String code = world.alice.account().secrets().orElseThrow().recoveryCode();
      String passphrase = world.alice.passphrase();
      List<Function<Entrance, Entry>> ways = List.of(Entrance::enter, fresh -> fresh.restore(passphrase),
          fresh -> fresh.recover(code, NEXT_PASSWORD));
      Alarm expected = new Alarm.RolledBack(world.chat, new Epoch(2), new Epoch(1));
      EpochRecord first = world.ledger.epochs(world.chat).getFirst();
      try (
          Attack _ = world.server.onFrames(
              Lies.epochs(world.chat, shown -> shown.clearRecords().addRecords(first.bytes()).setCurrentEpoch(1)));
          Attack _ = world.server
              .onFrames(Lies.conversation(world.chat, shown -> shown.setEpoch(1).setEpochHash(first.hash().bytes())))) {
        Entrance device = tablet;
        for (Function<Entrance, Entry> way : ways) {
          try (Account fresh = Person.entered(way.apply(device))) {
            assertEquals(expected,
                assertThrows(BlockedException.class, () -> says(world, fresh, "into the past")).alarm());
            assertEquals(List.of(expected), alarms(fresh, expected));
          }
          device = world.fresh(world.alice.name());
        }
        device.close();
      }
      try (Account fresh = Person.entered(world.fresh(world.alice.name()).restore(NEXT_PASSWORD))) {
        says(world, fresh, "in the second epoch");
        world.bob.hearsLast(world.chat, "in the second epoch");
      }
      World.shown("older_epoch_to_a_fresh_device ways=" + ways.size(), World.name(expected));
    }
  }

  @Test
  void a_list_that_none_of_the_users_devices_wrote_is_refused() throws Exception {
    try (World world = new World(SERVICE)) {
      afterTheSecondEpoch(world).close();
      Alarm expected = new Alarm.SelfRefused(world.alice.uid(), SelfKind.HEADS, Fault.BAD_SIGNATURE);
      try (
          Attack _ = world.server.onFrames(
              Edit.<ServerFrame>change(frame -> frame.getSelfBlobs().getBlobsCount() > 0, FreshDeviceAttackIT::spoilt));
          Account fresh = Person.entered(world.fresh(world.alice.name()).restore(world.alice.passphrase()))) {
        says(world, fresh, "with an alarm");
        assertEquals(List.of(expected), alarms(fresh, expected));
      }
      world.bob.hearsLast(world.chat, "with an alarm");
      World.shown("forged_heads", World.name(expected));
    }
  }

  /// When a device is added, the one that adds it tells how far it has come.
  private static Entrance afterTheSecondEpoch(World world) {
    world.alice.in(world.chat).rotate();
    world.bob.reaches(world.chat, 2);
    Entrance tablet = world.fresh(world.alice.name());
    Offered offered = tablet.offer().orElseThrow();
    assertEquals(new Change.Done(), world.alice.account().addDevice(offered.enrolment(), offered.code(),
        new Authority.Password(world.alice.passphrase())));
    Until.holds(SOON, "the others were told",
        () -> world.server.asked(world.alice.name()).stream().anyMatch(ClientFrame::hasPutSelf));
    return tablet;
  }

  private static ServerFrame spoilt(ServerFrame frame) {
    ServerFrame.Builder changed = frame.toBuilder();
    byte[] blob = changed.getSelfBlobs().getBlobs(0).toByteArray();
    blob[blob.length - 1] ^= 1;
    changed.getSelfBlobsBuilder().setBlobs(0, com.google.protobuf.ByteString.copyFrom(blob));
    return changed.build();
  }

  private static void says(World world, Account account, String text) {
    account.conversations().get(world.chat).send(text);
  }

  private static List<Alarm> alarms(Account account, Alarm expected) {
    List<Alarm> told = new CopyOnWriteArrayList<>();
    account.onAlarm(told::add);
    Until.holds(SOON, () -> "alarmed by " + expected + ", not by " + told, () -> told.contains(expected));
    return told;
  }
}
