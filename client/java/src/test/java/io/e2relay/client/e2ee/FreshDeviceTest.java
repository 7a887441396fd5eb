// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.wire.Entry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A device that has just been set up, at a service that shows it what was long ago; it starts from what the user's
/// other devices remember.
final class FreshDeviceTest {
  private final PlayedService service = new PlayedService();
  private final Person alice = new Person(service, 0xaa).registered().online();
  private final Person bob = new Person(service, 0xbb).registered().online();

  @AfterEach
  void end() {
    alice.close();
    bob.close();
  }

  @Test
  void an_older_epoch_than_another_device_has_verified_is_a_rollback() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.rotate();
    forgets(alice);
    PlayedConversation played = service.played(chat);
    EpochRecord second = played.records.removeLast();
    Entry begun = played.log.removeLast();
    alice.online();
    Alarm expected = new Alarm.RolledBack(chat.id(), new Epoch(2), new Epoch(1));
    Eventually.holds(() -> alice.alarmed(Alarm.RolledBack.class));
    assertEquals(List.of(expected), alice.bell.raised());
    assertEquals(expected, assertThrows(BlockedException.class, () -> alice.at(chat).send("into the past")).alarm());
    // The control: what the other device has seen is shown, and the conversation goes on.
    played.records.add(second);
    played.log.add(begun);
    assertEquals(2, alice.at(chat).send("now").epoch());
    assertEquals("now", alice.next().text());
    assertEquals(List.of(expected), alice.bell.raised());
  }

  @Test
  void what_another_device_verifies_while_this_one_asks_makes_no_rollback_of_the_answer() {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    Eventually.holds(() -> bob.at(chat).book().known());
    AtomicBoolean asked = new AtomicBoolean();
    bob.onTheWay = (request, answer) -> {
      if (request.hasGetEpochs() && !asked.getAndSet(true)) {
        chat.rotate();
        EpochRecord second = chat.book().current();
        bob.verified(new Head(chat.id(), second.statement().epoch(), second.hash()));
      }
      return answer;
    };
    bob.at(chat).book().refresh();
    assertEquals(2, bob.at(chat).send("in the second epoch").epoch());
    assertEquals(List.of(), bob.bell.raised());
  }

  @Test
  void another_record_in_the_place_of_the_one_that_another_device_has_verified_is_not_believed() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.rotate();
    Eventually.holds(() -> bob.head(chat.id()).map(Head::epoch).equals(Optional.of(new Epoch(2))));
    forgets(alice);
    forgets(bob);
    PlayedConversation played = service.played(chat);
    EpochRecord verified = played.records.removeLast();
    Entry begun = played.log.removeLast();
    bob.heads.clear();
    bob.online();
    bob.at(chat).rotate();
    EpochRecord other = played.records.getLast();
    alice.online();
    Alarm expected = new Alarm.HeadDiffers(new Head(chat.id(), new Epoch(2), verified.hash()), other);
    Eventually.holds(() -> alice.alarmed(Alarm.HeadDiffers.class));
    assertEquals(List.of(expected), alice.bell.raised());
    assertEquals(expected, assertThrows(BlockedException.class, () -> alice.at(chat).send("to whom?")).alarm());
    assertEquals(Optional.empty(), alice.vault.get(EpochBook.key(chat.id())));
    // The control: with the record that the other device has verified it goes on.
    // Nobody is to see the one and not yet the other.
    alice.offline();
    played.records.set(1, verified);
    played.log.set(1, begun);
    alice.online();
    assertEquals(2, alice.at(chat).send("to Bob").epoch());
  }

  @Test
  void what_another_device_has_not_seen_yet_is_no_alarm() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    forgets(alice);
    bob.at(chat).rotate();
    bob.at(chat).send("in the second epoch");
    alice.online();
    assertEquals("in the second epoch", alice.next().text());
    assertEquals(Optional.of(new Epoch(2)), alice.head(chat.id()).map(Head::epoch));
    assertEquals(List.of(), alice.bell.raised());
  }

  private static void forgets(Person person) {
    person.offline();
    person.vault.write(
        person.vault.keys("conversation/").stream().collect(Collectors.toMap(key -> key, _ -> Optional.empty())));
  }
}
