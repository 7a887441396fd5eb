// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.e2relay.client.e2ee.Alarm;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.RosterEntry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that stands in for somebody.
final class ContactAttackIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void another_account_in_the_place_of_a_known_contacts_is_a_fork_with_both_records_as_evidence() throws Exception {
    try (World world = new World(SERVICE)) {
      AccountRecord real = world.ledger.chain(world.bob.uid()).last();
      AccountRecord other = world.impostor(world.bob.uid()).account().record();
      Alarm expected = new Alarm.AccountForked(world.bob.uid(), real, other);
      try (Attack _ = world.server
          .onFrames(Lies.account(world.bob.uid(), List.of(other.bytes())).only(world.alice.name()))) {
        DeviceAttackIT.tellChanged(world, world.alice, world.bob);
        world.alice.alarmed(expected);
        world.alice.in(world.chat).rotate();
      }
      assertEquals(real.hash(), entry(world).account().accountHash(), "nothing is wrapped for the other account");
      world.alice.says(world.chat, "under the new key");
      world.bob.hearsLast(world.chat, "under the new key");
      assertEquals(List.of(expected), world.alice.alarms());
      World.shown("substituted_contact", World.name(expected));
    }
  }

  @Test
  void at_first_contact_another_account_shows_in_the_safety_number() throws Exception {
    try (World world = new World(SERVICE)) {
      Person dora = world.person("dora");
      Impostor impostor = world.impostor(dora.uid());
      try (Attack _ = world.server
          .onFrames(Lies.account(dora.uid(), List.of(impostor.account().record().bytes())).only(world.alice.name()))) {
        assertNotEquals(number(world.alice, dora), number(dora, world.alice));
      }
      assertEquals(number(world.bob, dora), number(dora, world.bob));
      assertNotEquals(number(world.alice, dora), number(dora, world.alice), "the false one is pinned");
      DeviceAttackIT.tellChanged(world, world.alice, dora);
      world.alice.alarmed(
          new Alarm.AccountForked(dora.uid(), impostor.account().record(), world.ledger.chain(dora.uid()).last()));
      World.shown("substituted_first_contact", "safety_number_differs");
    }
  }

  @Test
  void a_verified_contact_whom_the_server_resets_gets_no_key_before_people_confirm_it() throws Exception {
    try (World world = new World(SERVICE)) {
      world.alice.contacts().verify(world.bob.uid());
      AccountRecord real = world.ledger.chain(world.bob.uid()).last();
      AccountRecord reset = world.impostor(world.bob.uid()).reset(world.ledger.chain(world.bob.uid()));
      Alarm expected = new Alarm.ConfirmationNeeded(world.chat, world.bob.uid());
      try (Attack _ = world.server
          .onFrames(Lies.account(world.bob.uid(), List.of(real.bytes(), reset.bytes())).only(world.alice.name()))) {
        DeviceAttackIT.tellChanged(world, world.alice, world.bob);
        world.alice.alarmed(new Alarm.SecurityCodeChanged(world.bob.uid(), true));
        world.alice.isBlocked(expected, () -> world.alice.in(world.chat).rotate());
      }
      assertEquals(1, world.ledger.epochs(world.chat).size());
      assertEquals(List.of(new Alarm.SecurityCodeChanged(world.bob.uid(), true), expected), world.alice.alarms());
    }
    try (World world = new World(SERVICE)) {
      world.alice.contacts().verify(world.bob.uid());
      world.alice.in(world.chat).rotate();
      world.alice.says(world.chat, "under the new key");
      world.bob.hearsLast(world.chat, "under the new key");
    }
    World.shown("reset_of_a_verified_contact", "SecurityCodeChanged,ConfirmationNeeded");
  }

  private static String number(Person one, Person other) {
    return one.contacts().safetyNumber(other.uid()).digits();
  }

  private static RosterEntry entry(World world) {
    return world.ledger.epoch(world.chat).statement().entry(world.bob.uid()).orElseThrow();
  }
}
