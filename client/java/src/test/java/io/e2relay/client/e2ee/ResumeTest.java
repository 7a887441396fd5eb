// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A device that was switched off goes on where its application had come.
final class ResumeTest {
  private static final long LONG_S = 120;
  private static final Timing SELDOM = new Timing(Duration.ofMillis(20), Duration.ofHours(1), Duration.ofDays(7),
      10_000, Duration.ofDays(1));

  private final PlayedService service = new PlayedService();
  private final Person alice = seldom(new Person(service, 0xaa)).registered().online();
  private final Person bob = seldom(new Person(service, 0xbb)).registered().online();

  @AfterEach
  void end() {
    alice.close();
    bob.close();
  }

  @Test
  void what_was_handled_is_not_sent_again() throws Exception {
    int count = 2_000;
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    send(chat, 0, count);
    assertEquals(texts(0, count), received(bob, count));
    int first = service.entries(bob.uid());
    bob.offline();
    send(chat, count, count + 3);
    bob.online();
    assertEquals(texts(count, count + 3), received(bob, 3));
    int second = service.entries(bob.uid());
    assertTrue(second <= 3, "entries on the second start: " + second);
    assertEquals(count + 3, bob.at(chat).history(0).size());
    assertEquals(List.of(), bob.bell.raised());
    IO.println("shown: resume messages=%d entries_first=%d entries_second=%d".formatted(count, first, second));
  }

  @Test
  void switched_off_in_the_middle_it_hands_on_everything_once() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    List<String> handled = new CopyOnWriteArrayList<>();
    bob.offline();
    send(chat, 0, 300);
    int starts = 0;
    while (handled.size() < 300) {
      int until = Math.min(300, 37 * ++starts);
      CountDownLatch off = new CountDownLatch(1);
      bob.online(message -> {
        handled.add(message.text());
        if (handled.size() == until) {
          bob.offline();
          off.countDown();
        }
      });
      assertTrue(off.await(LONG_S, TimeUnit.SECONDS));
      bob.conversations.end();
    }
    assertEquals(texts(0, 300), handled);
    bob.online();
    IO.println("shown: resume_after_close messages=300 starts=%d lost=0 twice=0".formatted(starts));
  }

  @Test
  void killed_in_the_middle_it_loses_nothing_and_hands_few_on_again() {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    bob.offline();
    send(chat, 0, 400);
    List<String> handled = new CopyOnWriteArrayList<>();
    List<Vault> left = new CopyOnWriteArrayList<>();
    List<Integer> at = new CopyOnWriteArrayList<>();
    bob.online(message -> {
      // What is in the vault while a message is handled is what a kill leaves.
      if (handled.size() % 97 == 50) {
        left.add(copy(bob.vault));
        at.add(handled.size());
      }
      handled.add(message.text());
    });
    inTheEnd(() -> handled.size() == 400);
    bob.offline();
    Vault last = bob.vault;
    int most = 0;
    for (int i = 0; i < left.size(); i++) {
      bob.vault = left.get(i);
      List<String> again = new CopyOnWriteArrayList<>();
      bob.online(message -> again.add(message.text()));
      inTheEnd(() -> !again.isEmpty() && again.getLast().equals("message 399"));
      bob.offline();
      assertEquals(texts(400 - again.size(), 400), again);
      int twice = at.get(i) - (400 - again.size());
      assertTrue(twice >= 0 && twice <= Deliveries.UNSAVED_MAX, "twice " + twice);
      most = Math.max(most, twice);
      assertEquals(List.of(), bob.bell.raised());
    }
    bob.vault = last;
    bob.online();
    IO.println("shown: resume_after_kill messages=400 kills=%d lost=0 twice_max=%d".formatted(left.size(), most));
  }

  @Test
  void without_a_handler_keys_go_on_and_every_message_comes_when_there_is_one() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    bob.offline();
    bob.onlineWithoutHandler();
    int count = Deliveries.WAITING_MAX + 500;
    send(chat, 0, count);
    chat.rotate();
    chat.send("in the second epoch");
    inTheEnd(() -> bob.at(chat).book().known() && bob.at(chat).epoch().equals(new Epoch(2)));
    bob.at(chat).send("I write without reading");
    bob.conversations.onMessage(bob.received::add);
    List<String> expected = new ArrayList<>(texts(0, count));
    expected.addAll(List.of("in the second epoch", "I write without reading"));
    assertEquals(expected, received(bob, count + 2));
    assertEquals(List.of(), bob.bell.raised());
    IO.println("shown: no_handler messages=" + count + " lost=0 waiting_max=" + Deliveries.WAITING_MAX);
  }

  @Test
  void what_a_device_heard_before_it_was_switched_off_is_not_taken_again_and_what_is_missing_is_missed()
      throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    send(chat, 0, 3);
    assertEquals(texts(0, 3), received(bob, 3));
    PlayedConversation played = service.played(chat);
    Message old = played.log.get(2).getMessage();
    bob.offline();
    send(chat, 3, 5);
    Entry withheld = played.log.remove(played.log.size() - 2);
    Message newest = played.log.removeLast().getMessage();
    long place = played.log.size() + 1L;
    played.log.add(Entry.newBuilder().setMessage(newest.toBuilder().setSeq(place)).build());
    played.log.add(Entry.newBuilder().setMessage(old.toBuilder().setSeq(place + 1)).build());
    bob.online();
    assertEquals("message 4", received(bob, 1).getFirst());
    Alarm missing = new Alarm.MessagesMissing(chat.id(), alice.uid(), alice.keys().device(), 1);
    Alarm replayed = new Alarm.MessageRefused(chat.id(), place + 1, Fault.REPLAYED);
    inTheEnd(() -> bob.alarmed(Alarm.MessageRefused.class));
    assertEquals(List.of(missing, replayed), bob.bell.raised());
    assertTrue(withheld.hasMessage() && bob.received.isEmpty());
  }

  @Test
  void a_log_that_ends_before_what_was_read_is_an_alarm_and_what_comes_is_read() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    send(chat, 0, 5);
    assertEquals(texts(0, 5), received(bob, 5));
    bob.offline();
    PlayedConversation played = service.played(chat);
    played.log.removeLast();
    played.log.removeLast();
    bob.online();
    Alarm expected = new Alarm.LogCutShort(chat.id(), 6, 4);
    inTheEnd(() -> bob.alarmed(Alarm.LogCutShort.class));
    chat.send("after the restoring");
    assertEquals("after the restoring", received(bob, 1).getFirst());
    assertEquals(List.of(expected), bob.bell.raised());
  }

  @Test
  void what_a_late_grant_opens_is_announced_with_its_place_also_to_a_device_that_was_off() throws Exception {
    EncryptedConversation chat = alice.conversations.group(bob.uid());
    send(chat, 0, 3);
    Person carol = seldom(new Person(service, 0xcc)).registered().online();
    List<NowReadable> readable = new CopyOnWriteArrayList<>();
    carol.conversations.onReadable(readable::add);
    chat.add(carol.uid());
    chat.send("with Carol");
    assertEquals("with Carol", received(carol, 1).getFirst());
    assertEquals(List.of(), readable);
    chat.shareHistory(carol.uid(), new Epoch(1));
    inTheEnd(() -> !readable.isEmpty());
    assertEquals(List.of(new NowReadable(carol.at(chat), 1, 4)), readable);
    assertEquals(texts(0, 3), carol.at(chat).history(1, 4).stream().map(EncryptedMessage::text).toList());
    carol.close();
    service.forget(carol.uid());
    // Somebody who was off when the grant came.
    Person dora = seldom(new Person(service, 0xdd)).registered().online();
    chat.add(dora.uid());
    chat.send("with Dora");
    assertEquals("with Dora", received(dora, 1).getFirst());
    dora.offline();
    chat.shareHistory(dora.uid(), new Epoch(1), new Epoch(2));
    List<NowReadable> later = new CopyOnWriteArrayList<>();
    for (int start = 0; start < 2; start++) {
      dora.onlineWithoutHandler();
      dora.conversations.onReadable(later::add);
      dora.conversations.onMessage(dora.received::add);
      chat.send("start " + start);
      assertEquals("start " + start, received(dora, 1).getFirst());
      inTheEnd(() -> later.size() >= 2);
      dora.offline();
    }
    assertEquals(List.of(new Range(1, 4), new Range(5, 6)),
        later.stream().map(one -> new Range(one.afterSeq(), one.uptoSeq())).toList());
  }

  private static Person seldom(Person person) {
    person.timing = SELDOM;
    return person;
  }

  private static void send(EncryptedConversation chat, int from, int to) {
    texts(from, to).forEach(chat::send);
  }

  private static List<String> texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "message " + i).toList();
  }

  private static List<String> received(Person person, int count) throws InterruptedException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      EncryptedMessage next = person.received.poll(LONG_S, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("only " + i + " came");
      }
      texts.add(next.text());
    }
    return texts;
  }

  /// Also on a machine that does much else.
  private static void inTheEnd(BooleanSupplier fact) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONG_S);
    while (!fact.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + LONG_S + " s");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  private static Vault copy(Vault vault) {
    Vault copy = new InMemoryVault();
    new HashSet<>(vault.keys("")).forEach(key -> copy.write(Map.<String, Optional<ByteString>>of(key, vault.get(key))));
    return copy;
  }
}
