// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.Authority;
import io.e2relay.client.e2ee.Change;
import io.e2relay.client.e2ee.EncryptedConversation;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The devices of a user in encrypted conversations, over real sockets.
final class EncryptedDevicesIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private static final String PASSWORD = "seven unlikely words in no order whatsoever";

  @Test
  void a_restored_device_reads_all_and_a_revoked_one_nothing_of_what_comes_after() {
    try (Chatter phone = Chatter.by(SERVICE, "otto", entrance -> entrance.create(PASSWORD));
        Chatter paula = Chatter.registered(SERVICE, "paula")) {
      EncryptedConversation chat = paula.conversations().direct(phone.uid());
      chat.send("to the phone");
      assertEquals("to the phone", phone.next().text());
      try (Chatter tablet = Chatter.by(SERVICE, "otto", entrance -> entrance.restore(PASSWORD))) {
        assertEquals("to the phone", tablet.next().text());
        Until.holds(Duration.ofSeconds(10), "the phone was told", () -> !phone.alarms.isEmpty());
        Alarm added = phone.alarms.getFirst();
        assertInstanceOf(Alarm.DeviceAdded.class, added);
        phone.account().acknowledge(added);
        tablet.at(chat).send("from the tablet");
        assertEquals("from the tablet", tablet.next().text());
        assertEquals("from the tablet", phone.next().text());
        assertEquals(List.of("to the phone", "from the tablet"), List.of(paula.next().text(), paula.next().text()));

        assertEquals(new Change.Done(),
            phone.account().revoke(tablet.account().device(), new Authority.Password(PASSWORD)));
        Until.holds(Duration.ofSeconds(20), "the next epoch is open", () -> chat.epoch().value() > 1);
        chat.send("not to the tablet");
        assertEquals("not to the tablet", phone.next().text());
        assertTrue(tablet.received.isEmpty());
      }
      assertEquals(List.of(), paula.alarms);
      Shown.line("devices restored=1 revoked=1 epochs=%d read_after_revocation=0".formatted(chat.epoch().value()));
    }
  }

  @Test
  void a_device_that_was_off_goes_on_where_it_was() {
    Chatter rita = Chatter.registered(SERVICE, "rita");
    try (Chatter sven = Chatter.registered(SERVICE, "sven")) {
      EncryptedConversation chat = rita.conversations().direct(sven.uid());
      rita.at(chat).send("one");
      rita.close();
      sven.at(chat).rotate();
      sven.at(chat).send("two");
      try (Chatter back = rita.again()) {
        back.at(chat).send("three");
        List<String> all = List.of("one", "two", "three");
        assertEquals(all, List.of(sven.next().text(), sven.next().text(), sven.next().text()));
        assertEquals(all, List.of(back.next().text(), back.next().text(), back.next().text()));
        assertEquals(List.of(), back.alarms);
        assertEquals(List.of(), sven.alarms);
      }
    }
    Shown.line("restart messages=3 numbers=continued alarms=0");
  }
}
