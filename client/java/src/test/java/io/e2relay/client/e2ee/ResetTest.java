// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.RefusedException;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How a conversation goes on when accounts were reset: whom people have to confirm waits, the others write; and when
/// nobody has its key any more it begins anew.
final class ResetTest {
  private static final Policy CONFIRM = new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.CONFIRM);

  private final PlayedService service = new PlayedService();
  private final Person alice = new Person(service, 0xaa).registered().online();
  private final Person bob = new Person(service, 0xbb).registered().online();
  private final Person carol = new Person(service, 0xcc).registered().online();

  @AfterEach
  void end() {
    List.of(alice, bob, carol).forEach(Person::close);
  }

  @Test
  void when_all_have_lost_their_keys_the_conversation_goes_on_and_its_past_stays_unreadable() {
    EncryptedConversation before = begun(alice.conversations.group(bob.uid(), carol.uid()));
    List.of(alice, bob, carol).forEach(Person::offline);
    List.of(alice, bob, carol).forEach(one -> {
      one.vault = new InMemoryVault();
      one.reset();
    });
    List.of(alice, bob, carol).forEach(Person::online);
    EncryptedConversation chat = alice.at(before);
    chat.send("new");
    bob.at(chat).send("usable");
    for (Person one : List.of(alice, bob, carol)) {
      Eventually.holds(() -> texts(one.at(chat)).equals(List.of("new", "usable")));
      Eventually.holds(() -> one.alarmed(Alarm.Restarted.class));
    }
    assertEquals(EpochReason.RESTARTED, chat.book().current().statement().reason());
    IO.println("shown: restart members=3 reset=3 read_old=0 read_new=2");
  }

  @Test
  void a_verified_contact_gets_no_key_unconfirmed_although_everybody_was_reset() {
    EncryptedConversation chat = begun(alice.conversations.direct(bob.uid()));
    alice.conversations.contacts().verify(bob.uid());
    bob.offline();
    bob.reset();
    alice.reset();
    refusedUnconfirmed(chat);
    assertEquals(1, service.played(chat).records.size());
    assertTrue(alice.alarmed(Alarm.SecurityCodeChanged.class));
    alice.conversations.contacts().accept(bob.uid());
    assertEquals(2, chat.send("to Bob").epoch());
    assertEquals(EpochReason.RESTARTED, chat.book().current().statement().reason());
    bob.online();
    IO.println("shown: attack name=reset_of_a_verified_contact_at_a_restart refused=ConfirmationNeeded control=ok");
  }

  @Test
  void nothing_is_sent_to_a_verified_contact_who_began_anew_before_people_confirm_it() {
    EncryptedConversation chat = begun(alice.conversations.direct(bob.uid()));
    alice.conversations.contacts().verify(bob.uid());
    alice.offline();
    alice.reset();
    bob.lost();
    assertEquals(2, bob.at(chat).send("it is me, really").epoch());
    alice.online();
    refusedUnconfirmed(alice.at(chat));
    alice.conversations.contacts().accept(bob.uid());
    assertEquals(2, alice.at(chat).send("is it?").epoch());
  }

  @Test
  void nothing_is_sent_to_a_verified_contact_whom_another_member_let_in_before_people_confirm_it() {
    EncryptedConversation chat = begun(alice.conversations.group(bob.uid(), carol.uid()));
    alice.conversations.contacts().verify(carol.uid());
    alice.offline();
    carol.lost();
    assertEquals(2, bob.at(chat).send("welcome back").epoch());
    alice.online();
    assertEquals(new Alarm.ConfirmationNeeded(chat.id(), carol.uid()),
        assertThrows(BlockedException.class, () -> alice.at(chat).send("is it her?")).alarm());
    alice.conversations.contacts().accept(carol.uid());
    assertEquals(2, alice.at(chat).send("it is").epoch());
  }

  @Test
  void who_has_to_be_confirmed_waits_and_the_others_go_on() throws Exception {
    EncryptedConversation chat = begun(alice.conversations.group(CONFIRM, bob.uid(), carol.uid()));
    carol.lost();
    chat.send("among us");
    assertEquals("among us", bob.next().text());
    assertEquals(RosterState.PENDING, state(chat, carol));
    assertEquals(EpochReason.RESET, chat.book().current().statement().reason());
    Alarm needed = new Alarm.ConfirmationNeeded(chat.id(), carol.uid());
    Eventually.holds(() -> alice.bell.raised().contains(needed));
    Eventually.holds(() -> carol.at(chat).state().equals(ConversationState.PENDING));
    assertPending(() -> carol.at(chat).send("let me in"));
    assertPending(() -> carol.at(chat).history(0));
    // Work that the service offers for her changes nothing.
    service.played(chat).offer(carol.uid());
    List.of(alice, bob).forEach(one -> one.conversations.duty().serve());
    chat.rotate();
    Eventually.holds(() -> bob.bell.raised().contains(needed));
    assertEquals(needed,
        assertThrows(BlockedException.class, () -> chat.shareHistory(carol.uid(), new Epoch(1))).alarm());
    chat.send("still among us");
    assertEquals(RosterState.PENDING, state(chat, carol));
    assertTrue(service.played(chat).given(carol.uid()).stream().allMatch(wrap -> wrap.getEpoch() == 1));
    bob.conversations.contacts().accept(carol.uid());
    Eventually.holds(() -> state(chat, carol) == RosterState.ACTIVE);
    carol.at(chat).send("thanks");
    assertEquals(List.of("among us", "still among us", "thanks"), texts(bob.at(chat)).subList(1, 4));
    assertFalse(alice.alarmed(Alarm.RecordRefused.class));
    IO.println("shown: reset policy=confirm members=3 waiting=1 sent_meanwhile=2 wraps=0 activated_after_accept=1");
  }

  @Test
  void everybody_is_asked_about_who_waits_also_who_never_looked_at_them_and_is_given_no_work() {
    EncryptedConversation chat = begun(alice.conversations.group(CONFIRM, bob.uid(), carol.uid()));
    waits(chat, carol);
    bob.online();
    Eventually.holds(() -> bob.bell.raised().contains(new Alarm.ConfirmationNeeded(chat.id(), carol.uid())));
    assertEquals(RosterState.PENDING, state(chat, carol));
  }

  @Test
  void who_waits_is_not_gone_although_the_conversation_ends_for_them() {
    EncryptedConversation chat = begun(alice.conversations.group(CONFIRM, bob.uid(), carol.uid()));
    waits(chat, carol);
    EncryptedConversation hers = carol.at(chat);
    Eventually.holds(() -> hers.state().equals(ConversationState.PENDING));
    List<ConversationState> told = new CopyOnWriteArrayList<>();
    carol.conversations.onChange(changed -> told.add(changed.state()));
    AtomicInteger asked = new AtomicInteger();
    carol.onTheWay = (request, answer) -> {
      asked.addAndGet(request.hasGetConversation() ? 1 : 0);
      return answer;
    };
    service.ends(chat, carol.uid());
    Eventually.holds(() -> asked.get() > 0);
    assertEquals(ConversationState.PENDING, hers.state());
    // The control: who is removed is gone.
    chat.remove(carol.uid());
    Eventually.holds(() -> hers.state().equals(ConversationState.GONE));
    assertEquals(List.of(ConversationState.GONE), told);
    bob.online();
  }

  @Test
  void nobody_lets_in_who_waits_before_their_own_user_has_confirmed_it_whatever_the_policy() {
    EncryptedConversation chat = begun(alice.conversations.group(bob.uid(), carol.uid()));
    alice.conversations.contacts().verify(carol.uid());
    waits(chat, carol);
    bob.online();
    service.played(chat).offer(carol.uid());
    bob.conversations.duty().serve();
    assertEquals(2, bob.at(chat).send("without her").epoch());
    assertTrue(bob.bell.raised().contains(new Alarm.ConfirmationNeeded(chat.id(), carol.uid())));
    bob.conversations.contacts().accept(carol.uid());
    assertEquals(3, bob.at(chat).send("with her").epoch());
    assertEquals(RosterState.ACTIVE, state(bob.at(chat), carol));
  }

  @Test
  void the_only_one_who_was_not_reset_goes_on_alone_until_people_confirm_the_others() throws Exception {
    EncryptedConversation chat = begun(alice.conversations.direct(bob.uid()));
    alice.conversations.contacts().verify(bob.uid());
    bob.lost();
    assertEquals(2, chat.send("to whom?").epoch());
    assertEquals(RosterState.PENDING, state(chat, bob));
    assertEquals(
        List.of(new Alarm.SecurityCodeChanged(bob.uid(), true), new Alarm.ConfirmationNeeded(chat.id(), bob.uid())),
        alice.bell.raised());
    assertPending(() -> bob.at(chat).send("to Alice"));
    alice.conversations.contacts().accept(bob.uid());
    assertEquals(3, chat.send("to Bob").epoch());
    assertEquals("to Bob", bob.next().text());
    assertEquals(3, bob.at(chat).send("to Alice").epoch());
  }

  @Test
  void who_is_put_out_by_a_reset_that_never_was_is_told() {
    EncryptedConversation chat = begun(alice.conversations.direct(bob.uid()));
    alice.conversations.contacts().verify(bob.uid());
    ByteString faked = bob.faked().bytes();
    service.colluding = true;
    alice.onTheWay = (asked, answer) -> asked.hasGetAccounts() ? withRecord(answer, bob, faked) : answer;
    alice.conversations.contacts().look(List.of(bob.uid()));
    chat.rotate();
    Eventually.holds(() -> bob.alarmed(Alarm.SeenAsReset.class));
    Eventually.holds(() -> bob.at(chat).state().equals(ConversationState.PENDING));
    // The control: who was reset is told nothing of the kind.
    EncryptedConversation other = alice.conversations.direct(carol.uid());
    alice.conversations.contacts().verify(carol.uid());
    carol.lost();
    other.send("to whom?");
    Eventually.holds(() -> carol.at(other).book().known() && state(carol.at(other), carol) == RosterState.PENDING);
    assertFalse(carol.alarmed(Alarm.SeenAsReset.class));
    IO.println("shown: attack name=faked_reset_put_out refused=SeenAsReset control=ok");
  }

  @Test
  void a_second_reset_asks_again() {
    EncryptedConversation chat = begun(alice.conversations.direct(bob.uid()));
    alice.conversations.contacts().verify(bob.uid());
    bob.lost();
    chat.send("to whom?");
    alice.conversations.contacts().accept(bob.uid());
    assertEquals(3, chat.send("to Bob").epoch());
    bob.lost();
    assertEquals(4, chat.send("to whom again?").epoch());
    assertEquals(RosterState.PENDING, state(chat, bob));
    assertTrue(alice.bell.raised().contains(new Alarm.ConfirmationNeeded(chat.id(), bob.uid())));
  }

  /// Alice opens the next epoch without whoever lost everything, and has taken all work, while Bob is away.
  private void waits(EncryptedConversation chat, Person lost) {
    bob.offline();
    lost.lost();
    chat.send("among us");
    assertEquals(RosterState.PENDING, state(chat, lost));
    Eventually.holds(() -> service.played(chat).jobs.isEmpty());
  }

  private static ServerFrame withRecord(ServerFrame answer, Person of, ByteString record) {
    ServerFrame.Builder changed = answer.toBuilder();
    changed.getAccountsBuilder().getAccountsBuilderList().stream()
        .filter(account -> account.getUid().equals(of.uid().bytes()))
        .forEach(account -> account.addRecords(record).setLastSeq(account.getLastSeq() + 1));
    return changed.build();
  }

  private void refusedUnconfirmed(EncryptedConversation chat) {
    BlockedException blocked = assertThrows(BlockedException.class, () -> chat.send("to whom?"));
    assertEquals(new Alarm.ConfirmationNeeded(chat.id(), bob.uid()), blocked.alarm());
  }

  private static void assertPending(Runnable attempt) {
    assertTrue(assertThrows(RefusedException.class, attempt::run).is(ErrorCode.MEMBER_PENDING));
  }

  private EncryptedConversation begun(EncryptedConversation chat) {
    chat.send("old");
    Eventually.holds(() -> List.of(alice, bob).stream().allMatch(one -> one.received.size() == 1));
    List.of(alice, bob, carol).forEach(one -> one.received.clear());
    return chat;
  }

  private static RosterState state(EncryptedConversation chat, Person one) {
    return chat.book().current().statement().entry(one.uid()).orElseThrow().state();
  }

  private static List<String> texts(EncryptedConversation chat) {
    return chat.history(0).stream().map(EncryptedMessage::text).toList();
  }
}
