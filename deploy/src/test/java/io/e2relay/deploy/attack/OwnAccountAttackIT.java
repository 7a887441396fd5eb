// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.e2ee.AccountProblem;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.Entrance;
import io.e2relay.client.e2ee.Entry;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that changes a user's own account behind the user's back.
final class OwnAccountAttackIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void a_device_slipped_into_the_own_account_blocks_until_the_user_has_seen_it() throws Exception {
    try (World world = new World(SERVICE)) {
      AccountRecord real = world.ledger.chain(world.bob.uid()).last();
      AccountRecord slipped = world.impostor(world.bob.uid()).slippedIn(real);
      Alarm expected = new Alarm.AccountRefused(world.bob.uid(), Fault.BAD_SIGNATURE);
      try (Attack _ = world.server
          .onFrames(Lies.account(world.bob.uid(), List.of(real.bytes(), slipped.bytes())).only(world.bob.name()))) {
        DeviceAttackIT.tellChanged(world, world.bob, world.bob);
        world.bob.alarmed(expected);
        world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "who listens?"));
      }
      world.bob.reopens();
      world.bob.isBlocked(expected, () -> world.bob.says(world.chat, "who listens?"));
      assertEquals(1, world.bob.account().devices().size());
      assertEquals(1, sends(world));
      world.bob.account().acknowledge(expected);
      world.bob.says(world.chat, "only those who should");
      world.alice.hearsLast(world.chat, "only those who should");
      World.shown("device_slipped_into_the_own_account", World.name(expected));
    }
  }

  @Test
  void a_reset_of_the_own_account_by_the_server_blocks_and_names_its_device() throws Exception {
    try (World world = new World(SERVICE)) {
      AccountRecord real = world.ledger.chain(world.bob.uid()).last();
      Impostor impostor = world.impostor(world.bob.uid());
      AccountRecord reset = impostor.reset(world.ledger.chain(world.bob.uid()));
      List<Alarm> expected = List.of(
          new Alarm.SecurityCodeChanged(world.bob.uid(), false), new Alarm.DeviceAdded(world.bob.uid(),
              impostor.device().device(), 2, Instant.ofEpochMilli(reset.statement().createdMs())),
          new Alarm.DeviceRemoved(world.bob.uid(), 2));
      try (Attack _ = world.server
          .onFrames(Lies.account(world.bob.uid(), List.of(real.bytes(), reset.bytes())).only(world.bob.name()))) {
        DeviceAttackIT.tellChanged(world, world.bob, world.bob);
        expected.forEach(world.bob::alarmed);
        world.bob.isBlocked(expected.getFirst(), () -> world.bob.says(world.chat, "who listens?"));
        world.bob.isBlocked(expected.getFirst(), () -> world.bob.in(world.chat).rotate());
      }
      assertEquals(expected, world.bob.account().alarms());
      assertEquals(1, sends(world));
      assertEquals(1, world.ledger.epochs(world.chat).size());
    }
    try (World world = new World(SERVICE)) {
      DeviceAttackIT.tellChanged(world, world.bob, world.bob);
      world.bob.in(world.chat).rotate();
      world.bob.says(world.chat, "only those who should");
      world.alice.hearsLast(world.chat, "only those who should");
      assertEquals(List.of(), world.bob.alarms());
    }
    World.shown("reset_of_the_own_account", "SecurityCodeChanged,DeviceAdded,DeviceRemoved");
  }

  @Test
  void an_account_that_was_there_before_the_user_came_is_not_taken_for_the_users() throws Exception {
    try (World world = World.ofStrangers(SERVICE)) {
      String name = world.unique("erin");
      Impostor impostor = world.impostor(world.user("erin"));
      try (Attack _ = world.server.onFrames(Lies.account(impostor.uid(), List.of(impostor.account().record().bytes())));
          Entrance entrance = world.fresh(name)) {
        assertEquals(new Entry.Refused(new AccountProblem.AccountExists()), entrance.create());
      }
      assertEquals(List.of(),
          world.server.asked(name).stream().filter(frame -> frame.hasPutAccount() || frame.hasPutBackup()).toList());
      try (Entrance entrance = world.fresh(name)) {
        Person.entered(entrance.create()).close();
      }
      World.shown("account_made_in_advance", "AccountExists");
    }
  }

  @Test
  void older_labels_than_this_device_remembers_are_not_taken() throws Exception {
    try (World world = World.ofStrangers(SERVICE)) {
      var account = world.alice.account();
      account.label(account.device(), "old name");
      ByteString older = world.server.asked(world.alice.name()).stream().filter(ClientFrame::hasPutSelf)
          .reduce((_, last) -> last).orElseThrow().getPutSelf().getBlob();
      account.label(account.device(), "new name");
      Alarm expected = new Alarm.SelfRefused(account.uid(), SelfKind.LABELS, Fault.ROLLED_BACK);
      try (Attack _ = world.server.onFrames(Edit.change(ServerFrame::hasSelfBlobs, frame -> {
        ServerFrame.Builder changed = frame.toBuilder();
        changed.getSelfBlobsBuilder().clearBlobs().addBlobs(older);
        return changed.build();
      }))) {
        assertEquals("new name", account.labels().get(account.device()));
        world.alice.alarmed(expected);
      }
      assertEquals("new name", account.labels().get(account.device()));
      assertEquals(List.of(expected), world.alice.alarms());
      World.shown("older_labels", World.name(expected));
    }
  }

  private static long sends(World world) {
    return world.server.asked(world.bob.name()).stream().filter(ClientFrame::hasSend).count();
  }
}
