// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.client.crypto.Wrapping;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.wire.Account;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Epochs;
import io.e2relay.protocol.wire.GetEpochs;
import io.e2relay.protocol.wire.Member;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a service that lies brings about: alarms, and nothing else. Each lie beside the truth in the same place.
final class DistrustTest {
  private final PlayedService service = new PlayedService();
  private final Person alice = new Person(service, 0xaa).registered().online();
  private final Person bob = new Person(service, 0xbb).registered().online();

  @AfterEach
  void end() {
    alice.close();
    bob.close();
  }

  @Test
  void a_key_that_the_service_chose_is_not_used_and_another_is_asked_for() {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    EpochRecord record = chat.book().current();
    ByteString chosen = Wrapping.wrap(SymmetricKey.generate(), bob.records().getLast().statement().aek(),
        new Wrapping.ConversationWrap(chat.id(), new Epoch(1), bob.uid(), 1, record.hash()));
    bob.offline();
    bob.onTheWay = (asked, answer) -> asked.hasGetWraps() ? withWrap(answer, chosen) : answer;
    bob.online();
    Eventually.holds(() -> bob.alarmed(Alarm.BadKey.class));
    Alarm.BadKey alarm = alarm(bob, Alarm.BadKey.class);
    assertEquals(Fault.BAD_COMMITMENT, alarm.fault());
    assertTrue(alarm.evidence().isPresent());
    BlockedException blocked = assertThrows(BlockedException.class, () -> bob.at(chat).send("sealed by whose key?"));
    assertEquals(alarm, blocked.alarm());
    // The control: the grant that was asked for is good, and the conversation goes on.
    bob.onTheWay = (_, answer) -> answer;
    alice.conversations.duty().wake();
    Eventually.holds(() -> bob.at(chat).state().equals(ConversationState.READY));
    assertEquals(1, bob.at(chat).send("by the right one").epoch());
  }

  @Test
  void an_entry_with_an_account_that_i_never_made_is_noticed_by_me() throws Exception {
    Person ghost = new Person(service, 0xaa);
    bob.onTheWay = accounts(alice, _ -> List.of(ghost.lastMade()));
    EncryptedConversation chat = bob.conversations.group(alice.uid());
    Eventually.holds(() -> alice.alarmed(Alarm.GhostKey.class));
    assertEquals(bob.uid(), alarm(alice, Alarm.GhostKey.class).record().statement().rotator().uid());
    assertThrows(BlockedException.class, () -> alice.at(chat).send("to a ghost?"));
    // The control: with the account that she did make there is no alarm, and she reads.
    Person carol = new Person(service, 0xcc).registered().online();
    EncryptedConversation good = carol.conversations.group(alice.uid());
    good.send("to Alice herself");
    assertEquals("to Alice herself", alice.next().text());
    ghost.close();
    carol.close();
  }

  @Test
  void plaintext_is_never_shown_whoever_sends_it() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.send("sealed");
    PlayedConversation played = service.played(chat);
    Message good = played.log.getLast().getMessage();
    Message plain = good.toBuilder().setMsgId(ByteString.copyFrom(new byte[16]))
        .setBody(ByteString.copyFromUtf8("{\"kind\":\"text\",\"text\":\"read me\"}")).build();
    show(bob, plain.toBuilder().setSeq(played.log.size() + 1L).build());
    Eventually.holds(() -> bob.alarmed(Alarm.MessageRefused.class));
    assertEquals("sealed", bob.next().text());
    assertTrue(bob.received.isEmpty());
  }

  @Test
  void a_message_that_comes_twice_in_the_log_is_read_once() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.send("once");
    Message good = service.played(chat).log.getLast().getMessage();
    show(bob, good.toBuilder().setSeq(good.getSeq() + 1).build());
    Eventually.holds(() -> bob.alarmed(Alarm.MessageRefused.class));
    assertEquals(Fault.REPLAYED, alarm(bob, Alarm.MessageRefused.class).fault());
    assertEquals("once", bob.next().text());
    assertTrue(bob.received.isEmpty());
  }

  @Test
  void a_message_that_is_withheld_is_missed() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.send("one");
    assertEquals("one", bob.next().text());
    bob.offline();
    chat.send("two");
    chat.send("three");
    PlayedConversation played = service.played(chat);
    Entry two = played.log.remove(played.log.size() - 2);
    bob.online();
    assertEquals("three", bob.next().text());
    Eventually.holds(() -> bob.alarmed(Alarm.MessagesMissing.class));
    assertEquals(1, alarm(bob, Alarm.MessagesMissing.class).count());
    assertTrue(two.hasMessage());
  }

  @Test
  void a_message_of_an_old_epoch_behind_the_new_one_is_refused() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.send("old");
    assertEquals("old", bob.next().text());
    Message old = service.played(chat).log.getLast().getMessage();
    bob.at(chat).rotate();
    chat.book().refresh();
    chat.send("new");
    assertEquals("new", bob.next().text());
    show(bob, old.toBuilder().setSeq(100).build());
    Eventually.holds(() -> bob.alarmed(Alarm.MessageRefused.class));
    assertEquals(Fault.ROLLED_BACK, alarm(bob, Alarm.MessageRefused.class).fault());
  }

  @Test
  void an_older_state_than_the_pinned_one_stops_sending_also_after_a_restart() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.rotate();
    alice.offline();
    PlayedConversation played = service.played(chat);
    EpochRecord second = played.records.removeLast();
    alice.online();
    Eventually.holds(() -> alice.alarmed(Alarm.RolledBack.class));
    assertEquals(new Alarm.RolledBack(chat.id(), new Epoch(2), new Epoch(1)), alarm(alice, Alarm.RolledBack.class));
    assertThrows(BlockedException.class, () -> alice.at(chat).send("into the past"));
    played.records.add(second);
    alice.at(chat).book().refresh();
    assertEquals(2, alice.at(chat).send("now").epoch());
    // What came while nothing was believed is read now.
    assertEquals("now", alice.next().text());
  }

  @Test
  void an_older_state_is_the_same_alarm_to_a_device_that_has_yet_to_read_what_came_before_the_pinned_one()
      throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    bob.offline();
    chat.send("in the first epoch");
    chat.rotate();
    bob.onlineWithoutHandler();
    Eventually.holds(() -> bob.at(chat).state().equals(ConversationState.READY) && bob.at(chat).epoch().value() == 2);
    bob.offline();
    EpochRecord first = service.played(chat).records.getFirst();
    AtomicBoolean lying = new AtomicBoolean();
    bob.onTheWay = epochs((asked, shown) -> {
      // As soon as the device looks at what was before the pinned record.
      if (asked.getAfterEpoch() == 0 || lying.get()) {
        lying.set(true);
        shown.clearRecords().addRecords(first.bytes()).setCurrentEpoch(1);
      }
    });
    bob.online();
    Alarm expected = new Alarm.RolledBack(chat.id(), new Epoch(2), new Epoch(1));
    Eventually.holds(() -> bob.at(chat).state().equals(new ConversationState.Blocked(expected)));
    assertEquals(expected, assertThrows(BlockedException.class, () -> bob.at(chat).send("in the old epoch")).alarm());
    assertEquals(List.of(expected), bob.bell.raised());
    bob.onTheWay = (_, answer) -> answer;
    assertEquals(2, bob.at(chat).send("in the new epoch").epoch());
    assertEquals(List.of("in the first epoch", "in the new epoch"), List.of(bob.next().text(), bob.next().text()));
  }

  @Test
  void pages_of_records_that_lead_nowhere_are_given_up() {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.rotate();
    Eventually.holds(() -> bob.at(chat).book().known());
    EpochRecord second = service.played(chat).records.getLast();
    bob.onTheWay = epochs((_, shown) -> shown.clearRecords().addRecords(second.bytes()).setMore(true));
    Alarm expected = new Alarm.RecordRefused(chat.id(), Fault.TRUNCATED);
    assertEquals(expected, assertThrows(BlockedException.class, () -> bob.at(chat).book().refresh()).alarm());
    bob.onTheWay = (_, answer) -> answer;
    assertEquals(2, bob.at(chat).send("in the second epoch").epoch());
  }

  @Test
  void two_records_of_one_epoch_are_kept_as_evidence_and_stop_sending_for_good() {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.rotate();
    // Bob is shown a conversation in which the second epoch is still to be opened.
    Person shown = bob;
    Eventually.holds(() -> shown.at(chat).book().known() && shown.at(chat).book().epoch().value() == 2);
    shown.offline();
    PlayedConversation played = service.played(chat);
    EpochRecord mine = played.records.removeLast();
    played.log.removeLast();
    shown.vault.write(shown.vault.keys("conversation/").stream()
        .collect(java.util.stream.Collectors.toMap(key -> key, _ -> java.util.Optional.empty())));
    shown.heads.clear();
    shown.online();
    shown.at(chat).rotate();
    assertThrows(BlockedException.class, () -> chat.book().refresh());
    Alarm.Forked fork = alarm(alice, Alarm.Forked.class);
    assertEquals(mine, fork.pinned());
    assertEquals(shown.uid(), fork.shown().statement().rotator().uid());
    assertThrows(BlockedException.class, () -> chat.send("to which of them?"));
    chat.presence().assess();
    assertEquals(new ConversationState.Ended(fork), chat.state());
    alice.offline();
    alice.online();
    assertEquals(fork, assertInstanceOf(BlockedException.class,
        assertThrows(BlockedException.class, () -> alice.at(chat).send("and now?"))).alarm());
  }

  @Test
  void an_account_that_goes_back_or_has_two_newest_records_is_not_believed() {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    bob.turn();
    chat.send("to the new key");
    alice.onTheWay = accounts(bob, records -> records.subList(0, 1));
    alice.conversations.contacts().look(List.of(bob.uid()));
    assertEquals(new Alarm.AccountRolledBack(bob.uid(), 2, 1), alarm(alice, Alarm.AccountRolledBack.class));
    AccountRecord other = bob.otherNewest();
    alice.onTheWay = accounts(bob, _ -> List.of(other));
    alice.conversations.contacts().look(List.of(bob.uid()));
    assertEquals(new Alarm.AccountForked(bob.uid(), bob.newest(), other), alarm(alice, Alarm.AccountForked.class));
    alice.onTheWay = (_, answer) -> answer;
    alice.conversations.contacts().look(List.of(bob.uid()));
    assertEquals(Contact.root(bob.newest()),
        alice.conversations.contacts().newest(bob.uid()).map(Contact::root).orElseThrow());
  }

  @Test
  void nobody_gets_a_key_because_the_service_says_that_they_wait_for_one() {
    EncryptedConversation chat = alice.conversations.group(bob.uid());
    Person mallory = new Person(service, 0xee).registered();
    PlayedConversation played = service.played(chat);
    played.offer(mallory.uid());
    played.bad(mallory.uid(), 1);
    alice.conversations.duty().wake();
    Eventually.holds(() -> played.jobs.isEmpty());
    alice.conversations.duty().serve();
    chat.send("among us");
    assertEquals(1, played.records.size());
    assertTrue(played.current().statement().entry(mallory.uid()).isEmpty());
    assertEquals(List.of(), played.given(mallory.uid()));
    // The control: who waits in the signed roster gets it.
    Person carol = new Person(service, 0xcc);
    chat.add(carol.uid());
    carol.registered();
    alice.conversations.duty().wake();
    Eventually.holds(() -> played.isActive(carol.uid()));
    assertEquals(1, played.given(carol.uid()).size());
    carol.close();
    mallory.close();
  }

  @Test
  void a_conversation_that_is_called_unencrypted_stays_encrypted() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    alice.offline();
    alice.onTheWay = (asked, answer) -> asked.hasListConversations()
        ? answer.toBuilder()
            .setConversationPage(answer.getConversationPage().toBuilder().setConversations(0,
                answer.getConversationPage().getConversations(0).toBuilder().setLevel(TrustLevel.TRUST_LEVEL_OPEN)))
            .build()
        : answer;
    alice.online();
    Eventually.holds(() -> alice.alarmed(Alarm.Downgraded.class));
    alice.at(chat).send("still sealed");
    assertEquals("still sealed", bob.next().text());
  }

  @Test
  void another_hash_than_that_of_the_verified_record_stops_sending_until_the_user_goes_on() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.rotate();
    EpochRecord verified = chat.book().current();
    alice.offline();
    PlayedConversation played = service.played(chat);
    Hash named = played.records.getFirst().hash();
    Entry honest = played.log.getLast();
    Entry.Builder lie = honest.toBuilder();
    lie.getControlBuilder().setEpochHash(named.bytes());
    played.log.set(played.log.size() - 1, lie.build());
    alice.vault.write(alice.vault.keys("conversation/").stream().filter(key -> key.endsWith("/read"))
        .collect(java.util.stream.Collectors.toMap(key -> key, _ -> java.util.Optional.empty())));
    alice.online();
    Alarm.EpochDiffers expected = new Alarm.EpochDiffers(chat.id(), new Epoch(2), java.util.Optional.of(verified),
        named);
    Eventually.holds(() -> alice.alarmed(Alarm.EpochDiffers.class));
    assertEquals(List.of(expected), alice.bell.raised());
    assertEquals(expected, assertThrows(BlockedException.class, () -> alice.at(chat).send("which?")).alarm());
    Eventually.holds(() -> alice.at(chat).state().equals(new ConversationState.Blocked(expected)));
    alice.at(chat).goOn(expected);
    assertEquals(2, alice.at(chat).send("the one I verified").epoch());
    assertEquals("the one I verified", alice.next().text());
    assertEquals(List.of(), alice.bell.raised());
    alice.offline();
    alice.online();
    assertEquals(2, alice.at(chat).send("still").epoch());
    assertEquals("still", alice.next().text());
    assertEquals(List.of(), alice.bell.raised());
  }

  @Test
  void an_id_of_another_length_names_nobody_and_stops_nothing_else() throws Exception {
    EncryptedConversation chat = alice.conversations.group(bob.uid());
    ByteString none = ByteString.copyFrom(new byte[Uid.BYTES - 1]);
    alice.onTheWay = (asked, answer) -> {
      ServerFrame.Builder changed = answer.toBuilder();
      if (asked.hasGetConversation()) {
        changed.getConversationBuilder().addMembers(0, Member.newBuilder().setUid(none));
      } else if (asked.hasListConversations()) {
        changed.getConversationPageBuilder().addConversations(0, Conversation.newBuilder().setConversationId(none));
      } else if (asked.hasGetAccounts()) {
        changed.getAccountsBuilder().addAccounts(0, Account.newBuilder().setUid(none));
      }
      return changed.build();
    };
    alice.offline();
    alice.online();
    bob.turn();
    assertEquals(2, alice.at(chat).members().size());
    assertEquals(2, alice.at(chat).send("to Bob's new key").epoch());
    assertEquals("to Bob's new key", bob.next().text());
    Eventually.holds(() -> alice.bell.raised().size() == 2);
    assertEquals(java.util.Set.of(new Alarm.IdRefused(Alarm.IdRefused.Kind.USER, 15),
        new Alarm.IdRefused(Alarm.IdRefused.Kind.CONVERSATION, 15)), java.util.Set.copyOf(alice.bell.raised()));
  }

  private void show(Person person, Message message) {
    person.conversations.listening().entry(ServerFrame.newBuilder().setMessage(message).build());
  }

  private static BiFunction<ClientFrame, ServerFrame, ServerFrame> accounts(Person whose,
      Function<List<AccountRecord>, List<AccountRecord>> shown) {
    return (asked, answer) -> {
      if (!asked.hasGetAccounts()) {
        return answer;
      }
      ServerFrame.Builder changed = answer.toBuilder();
      changed.getAccountsBuilder().getAccountsBuilderList().stream()
          .filter(one -> one.getUid().equals(whose.uid().bytes())).forEach(one -> {
            List<AccountRecord> records = shown.apply(whose.records());
            one.clearRecords().setLastSeq(records.getLast().statement().seq())
                .addAllRecords(records.stream().map(AccountRecord::bytes).toList());
          });
      return changed.build();
    };
  }

  private static BiFunction<ClientFrame, ServerFrame, ServerFrame> epochs(BiConsumer<GetEpochs, Epochs.Builder> lie) {
    return (asked, answer) -> {
      if (!asked.hasGetEpochs()) {
        return answer;
      }
      ServerFrame.Builder changed = answer.toBuilder();
      lie.accept(asked.getGetEpochs(), changed.getEpochsBuilder());
      return changed.build();
    };
  }

  private static ServerFrame withWrap(ServerFrame answer, ByteString wrap) {
    ServerFrame.Builder changed = answer.toBuilder();
    changed.getWrapsBuilder().getWrapsBuilderList().forEach(one -> one.setWrap(wrap).clearGrant());
    return changed.build();
  }

  private static <A extends Alarm> A alarm(Person person, Class<A> kind) {
    return person.bell.raised().stream().filter(kind::isInstance).map(kind::cast).findFirst().orElseThrow();
  }
}
