// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.e2relay.client.DisconnectedException;
import io.e2relay.client.Refusals;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.wire.Entry;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A message's number is never used for two, whatever happens between its sealing and its answer.
final class OutgoingTest {
  private final PlayedService service = new PlayedService();
  private final Person alice = new Person(service, 0xaa).registered().online();
  private final Person bob = new Person(service, 0xbb).registered().online();

  @AfterEach
  void end() {
    alice.close();
    bob.close();
  }

  @Test
  void a_message_whose_answer_is_lost_in_a_crash_is_settled_before_the_next() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    loseAnswers();
    assertThrows(DisconnectedException.class, () -> chat.send("stored, but who knows"));
    crash();
    alice.at(chat).send("next");
    assertEquals(List.of(1L, 2L), numbers(chat));
    assertEquals(List.of("stored, but who knows", "next"), List.of(bob.next().text(), bob.next().text()));
    assertEquals(List.of(), bob.bell.raised());
  }

  @Test
  void a_message_that_was_never_stored_keeps_its_number_and_name_when_it_is_sealed_anew() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    MsgId id = MessageMaker.newId();
    loseRequests();
    assertThrows(DisconnectedException.class, () -> chat.send(id, Content.text("later")));
    bob.at(chat).rotate();
    crash();
    alice.at(chat).send(id, Content.text("later"));
    assertEquals("later", bob.next().text());
    assertEquals(List.of(1L), numbers(chat));
    assertEquals(2, chats(chat).getFirst().header().epoch().value());
    assertEquals(id, chats(chat).getFirst().header().msgId());
  }

  @Test
  void an_epoch_that_moved_on_or_was_closed_is_followed_without_a_number_lost() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.send("one");
    bob.at(chat).rotate();
    chat.send("two");
    bob.turn();
    chat.send("three");
    assertEquals(List.of(1L, 2L, 3L), numbers(chat));
    assertEquals(List.of("one", "two", "three"), List.of(bob.next().text(), bob.next().text(), bob.next().text()));
    assertEquals(List.of(), bob.bell.raised());
  }

  @Test
  void a_message_that_is_stored_in_another_form_counts_as_sent() {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    InMemoryVault before = new InMemoryVault();
    alice.vault.keys("").forEach(key -> before.write(java.util.Map.of(key, alice.vault.get(key))));
    MsgId id = MessageMaker.newId();
    long seq = chat.send(id, Content.text("once")).seq();
    Conversations setBack = new Conversations(alice, before, alice.bell, Person.AT_ONCE);
    assertEquals(seq, setBack.get(chat.id()).send(id, Content.text("once")).seq());
    setBack.get(chat.id()).send("next");
    assertEquals(List.of(1L, 2L), numbers(chat));
  }

  @Test
  void a_copy_of_the_device_is_noticed_by_the_device_and_by_the_others() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    InMemoryVault copy = new InMemoryVault();
    alice.vault.keys("").forEach(key -> copy.write(java.util.Map.of(key, alice.vault.get(key))));
    chat.send("from the device");
    assertEquals("from the device", bob.next().text());
    new Conversations(alice, copy, alice.bell, Person.AT_ONCE).get(chat.id()).send("from its copy");
    Eventually.holds(() -> bob.alarmed(Alarm.ClonedDevice.class));
  }

  private void crash() {
    alice.onTheWay = (_, answer) -> answer;
    alice.lost = false;
    alice.offline();
    alice.online();
  }

  private void loseAnswers() {
    alice.onTheWay = (asked, answer) -> {
      if (asked.hasSend()) {
        throw Refusals.disconnected();
      }
      return answer;
    };
  }

  private void loseRequests() {
    alice.lost = true;
  }

  private List<Long> numbers(EncryptedConversation chat) {
    return chats(chat).stream().map(envelope -> envelope.header().seq()).toList();
  }

  private List<Envelope> chats(EncryptedConversation chat) {
    return service.played(chat).log.stream().filter(Entry::hasMessage)
        .map(entry -> PlayedConversation.value(Envelope.read(entry.getMessage().getBody()))).toList();
  }
}
