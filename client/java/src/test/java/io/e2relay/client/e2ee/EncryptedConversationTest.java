// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What members of an encrypted conversation do, at a service that is played.
final class EncryptedConversationTest {
  private static final Policy FULL = new Policy(HistoryPolicy.FULL, AddPolicy.ANY_MEMBER, RewrapPolicy.HISTORY);

  private final PlayedService service = new PlayedService();
  private final Person alice = new Person(service, 0xaa).registered().online();
  private final Person bob = new Person(service, 0xbb).registered().online();
  private final Person carol = new Person(service, 0xcc);

  @AfterEach
  void end() {
    List.of(alice, bob, carol).forEach(Person::close);
  }

  @Test
  void two_people_read_each_other() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    assertEquals(ConversationState.READY, chat.state());
    chat.send("Hello, Bob");
    assertEquals("Hello, Bob", bob.next().text());
    bob.at(chat).send("Hello, Alice");
    assertEquals(List.of("Hello, Bob", "Hello, Alice"), List.of(alice.next().text(), alice.next().text()));
    assertEquals(List.of("Hello, Bob", "Hello, Alice"),
        bob.at(chat).history(0).stream().map(EncryptedMessage::text).toList());
    assertEquals(List.of(), alice.bell.raised());
    assertEquals(List.of(), bob.bell.raised());
  }

  @Test
  void two_who_begin_at_once_are_in_one_conversation() {
    EncryptedConversation first = alice.conversations.direct(bob.uid());
    EncryptedConversation second = bob.conversations.direct(alice.uid());
    assertEquals(first.id(), second.id());
  }

  @Test
  void a_newcomer_with_an_account_reads_from_then_on_and_older_epochs_only_when_they_are_shared() throws Exception {
    EncryptedConversation chat = alice.conversations.group(bob.uid());
    chat.send("before");
    carol.registered().online();
    chat.add(carol.uid());
    chat.send("after");
    assertEquals("after", carol.next().text());
    assertEquals(Set.of(alice.uid(), bob.uid(), carol.uid()), uids(carol.at(chat).members()));
    assertEquals(List.of("after"), texts(carol.at(chat)));
    chat.shareHistory(carol.uid(), new Epoch(1));
    carol.at(chat).presence().ready();
    assertEquals(List.of("before", "after"), texts(carol.at(chat)));
    assertEquals(List.of(), carol.bell.raised());
  }

  @Test
  void where_the_history_is_full_a_newcomer_reads_all_of_it() throws Exception {
    EncryptedConversation chat = alice.conversations.group(FULL, bob.uid());
    chat.send("one");
    chat.rotate();
    chat.send("two");
    carol.registered().online();
    bob.at(chat).add(carol.uid());
    assertEquals(List.of("one", "two"), List.of(carol.next().text(), carol.next().text()));
    assertEquals(List.of(), carol.bell.raised());
  }

  @Test
  void who_has_no_account_yet_gets_the_key_without_anybody_asking_for_it() throws Exception {
    EncryptedConversation chat = alice.conversations.group(bob.uid());
    chat.add(carol.uid());
    assertEquals(RosterState.PENDING, state(chat, carol.uid()));
    chat.send("others go on");
    assertEquals("others go on", bob.next().text());
    carol.registered();
    carol.online();
    alice.conversations.duty().wake();
    Eventually.holds(() -> state(chat, carol.uid()) == RosterState.ACTIVE);
    chat.send("with Carol");
    assertEquals("with Carol", carol.next().text());
    assertEquals(ConversationState.READY, carol.at(chat).state());
  }

  @Test
  void after_a_removal_somebody_opens_the_next_epoch_and_the_removed_has_no_key_of_it() throws Exception {
    carol.registered().online();
    EncryptedConversation chat = alice.conversations.group(bob.uid(), carol.uid());
    chat.send("all");
    assertEquals("all", carol.next().text());
    chat.remove(carol.uid());
    chat.send("without Carol");
    assertEquals(List.of("all", "without Carol"), List.of(bob.next().text(), bob.next().text()));
    Eventually.holds(() -> carol.at(chat).state().equals(ConversationState.GONE));
    assertTrue(
        assertThrows(RefusedException.class, () -> carol.at(chat).send("I am still here")).is(ErrorCode.NOT_A_MEMBER));
    assertTrue(chat.book().current().statement().entry(carol.uid()).isEmpty());
  }

  @Test
  void a_turned_key_closes_the_epoch_and_the_next_sender_opens_another() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    long before = chat.epoch().value();
    bob.turn();
    chat.send("for the new key");
    assertEquals("for the new key", bob.next().text());
    assertTrue(chat.epoch().value() > before);
    assertEquals(List.of(), bob.bell.raised());
  }

  @Test
  void who_lost_all_keys_gets_the_old_ones_again_and_the_others_are_told() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.send("old");
    assertEquals("old", bob.next().text());
    bob.lost();
    chat.send("new");
    Eventually.holds(() -> texts(bob.at(chat)).equals(List.of("old", "new")));
    assertTrue(alice.alarmed(Alarm.SecurityCodeChanged.class));
  }

  @Test
  void the_keys_of_all_epochs_are_there_in_whatever_order_they_are_asked_for() {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    bob.at(chat).open();
    assertTrue(bob.at(chat).keyring().key(new Epoch(1)).isPresent());
    for (int i = 0; i < 3; i++) {
      chat.rotate();
    }
    bob.at(chat).book().refresh();
    for (long epoch : new long[]{4, 2, 3, 1}) {
      assertTrue(bob.at(chat).keyring().key(new Epoch(epoch)).isPresent(), "epoch " + epoch);
    }
    assertEquals(List.of(), bob.bell.raised());
  }

  @Test
  void a_key_with_which_enough_was_sent_is_replaced_by_the_next_sender() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    for (int i = 0; i <= Person.AT_ONCE.keyMessages(); i++) {
      chat.send("message " + i);
      alice.next();
    }
    assertEquals(1, chat.epoch().value());
    assertEquals(2, chat.send("with another key").epoch());
    Eventually.holds(() -> bob.received.size() == Person.AT_ONCE.keyMessages() + 2);
  }

  @Test
  void roles_are_set_by_the_signed_roster() {
    EncryptedConversation chat = alice.conversations.group(bob.uid());
    chat.setRole(bob.uid(), RosterRole.ADMIN);
    bob.at(chat).book().refresh();
    assertEquals(RosterRole.ADMIN,
        bob.at(chat).members().stream().filter(one -> one.uid().equals(bob.uid())).findFirst().orElseThrow().role());
    assertInstanceOf(ConversationState.Ready.class, chat.state());
  }

  private static RosterState state(EncryptedConversation chat, Uid uid) {
    return chat.book().current().statement().entry(uid).orElseThrow().state();
  }

  private static Set<Uid> uids(List<RosterMember> members) {
    return members.stream().map(RosterMember::uid).collect(Collectors.toSet());
  }

  private static List<String> texts(EncryptedConversation chat) {
    return chat.history(0).stream().map(EncryptedMessage::text).toList();
  }
}
