// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.Samples.append;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GroupCommitTest {
  private final ManualTicks ticks = new ManualTicks();
  private final HeldLog log = new HeldLog();
  private final List<GroupCommit.Committed> news = new ArrayList<>();
  private GroupCommit commits = commits(Map.of());

  private GroupCommit commits(Map<String, String> values) {
    return new GroupCommit(log, Samples.config(values), ticks, Samples.metrics(), news::addAll);
  }

  private static Append message() {
    return append(Samples.conversation(), 1, "hello");
  }

  private List<Future<Outcome>> send(int count) {
    return IntStream.range(0, count).mapToObj(_ -> commits.append(message())).toList();
  }

  private static void assertUnavailable(Future<Outcome> answer) {
    assertTrue(answer.failed());
    assertInstanceOf(Unavailable.class, answer.cause());
  }

  @Test
  void messages_of_one_turn_go_together_at_its_end_when_nothing_is_under_way() {
    List<Future<Outcome>> answers = send(3);
    assertEquals(0, log.inFlight());
    ticks.pass(0);
    assertEquals(1, log.inFlight());
    HeldLog.Held held = log.take();
    assertEquals(3, held.items().size());
    held.store(7);
    assertEquals(List.of(7L, 8L, 9L),
        answers.stream().map(answer -> assertInstanceOf(Outcome.Stored.class, answer.result()).place().seq()).toList());
    assertEquals(3, news.size());
  }

  @Test
  void a_message_waits_for_the_delay_while_a_batch_is_under_way() {
    send(1);
    ticks.pass(0);
    assertEquals(1, log.inFlight());
    send(1);
    ticks.pass(1);
    assertEquals(1, log.inFlight());
    ticks.pass(1);
    assertEquals(2, log.inFlight());
  }

  @Test
  void what_waits_for_the_delay_goes_when_nothing_is_under_way_any_more() {
    send(1);
    ticks.pass(0);
    send(2);
    log.take().store(1);
    assertEquals(2, log.take().items().size());
  }

  @Test
  void a_full_batch_goes_at_once() {
    send(63);
    assertEquals(0, log.inFlight());
    send(1);
    assertEquals(64, log.take().items().size());
    send(1);
    assertEquals(0, log.inFlight());
    ticks.pass(2);
    assertEquals(1, log.take().items().size());
  }

  @Test
  void a_batch_is_full_by_bytes_too() {
    commits = commits(Map.of("store.batch.bytes", "2048"));
    commits.append(append(Samples.conversation(), 1, Samples.msgId(), Samples.filled(1_024, 1)));
    assertEquals(0, log.inFlight());
    commits.append(append(Samples.conversation(), 1, Samples.msgId(), Samples.filled(1_023, 1)));
    assertEquals(0, log.inFlight());
    commits.append(append(Samples.conversation(), 1, Samples.msgId(), Samples.filled(1, 1)));
    assertEquals(3, log.take().items().size());
    commits.append(append(Samples.conversation(), 1, Samples.msgId(), Samples.filled(1_025, 1)));
    commits.append(append(Samples.conversation(), 1, Samples.msgId(), Samples.filled(1_024, 1)));
    assertEquals(1, log.take().items().size());
    assertEquals(1, log.take().items().size());
  }

  @Test
  void a_message_larger_than_a_batch_goes_alone() {
    commits = commits(Map.of("store.batch.bytes", "1024"));
    commits.append(append(Samples.conversation(), 1, Samples.msgId(), Samples.filled(5_000, 1)));
    assertEquals(1, log.take().items().size());
  }

  @Test
  void there_are_no_more_batches_in_flight_than_connections() {
    send(64 * 4 + 10);
    assertEquals(4, log.inFlight());
    ticks.pass(50);
    assertEquals(4, log.inFlight());
    log.take().store(1);
    assertEquals(4, log.inFlight());
    assertEquals(10, log.take(3).items().size());
  }

  @Test
  void what_waited_long_enough_goes_as_soon_as_a_connection_is_free() {
    commits = commits(Map.of("store.append.connections", "1"));
    commits.append(message());
    ticks.pass(2);
    send(3);
    ticks.pass(10);
    assertEquals(1, log.inFlight());
    log.take().store(1);
    assertEquals(3, log.take().items().size());
  }

  @Test
  void a_conversation_is_in_one_batch_at_a_time_and_keeps_its_order() {
    ConversationId conversation = Samples.conversation();
    List<Append> sent = IntStream.range(0, 150).mapToObj(i -> append(conversation, 1, "m" + i)).toList();
    sent.forEach(commits::append);
    ticks.pass(10);
    List<Append> arrived = new ArrayList<>();
    while (log.inFlight() > 0) {
      assertEquals(1, log.inFlight());
      HeldLog.Held held = log.take();
      arrived.addAll(held.items());
      held.store(1);
    }
    assertEquals(sent, arrived);
  }

  @Test
  void other_conversations_pass_one_that_is_in_flight() {
    ConversationId busy = Samples.conversation();
    commits.append(append(busy, 1, "first"));
    ticks.pass(2);
    commits.append(append(busy, 1, "second"));
    Append other = message();
    commits.append(other);
    ticks.pass(2);
    assertEquals(2, log.inFlight());
    assertEquals(List.of(other), log.take(1).items());
  }

  @Test
  void the_same_message_twice_goes_in_two_batches() {
    ConversationId conversation = Samples.conversation();
    Append message = append(conversation, 1, "hello");
    Append after = append(conversation, 1, "after");
    Future<Outcome> first = commits.append(message);
    Future<Outcome> second = commits.append(message);
    commits.append(after);
    ticks.pass(2);
    HeldLog.Held held = log.take();
    assertEquals(List.of(message), held.items());
    held.store(1);
    assertTrue(first.succeeded());
    assertFalse(second.isComplete());
    assertEquals(List.of(message, after), log.take().items());
  }

  @Test
  void more_messages_than_the_queue_holds_are_refused_at_once() {
    commits = commits(Map.of("store.queue.items", "3", "store.append.connections", "1"));
    List<Future<Outcome>> answers = send(3);
    ticks.pass(2);
    Future<Outcome> beyond = commits.append(message());
    assertUnavailable(beyond);
    answers.forEach(answer -> assertFalse(answer.isComplete()));
    log.take().store(1);
    answers.forEach(answer -> assertTrue(answer.succeeded()));
    assertFalse(commits.append(message()).isComplete());
  }

  @Test
  void more_bytes_than_the_queue_holds_are_refused_at_once() {
    commits = commits(Map.of("store.queue.bytes", "1048576"));
    commits.append(append(Samples.conversation(), 1, Samples.msgId(), Samples.filled(1_048_575, 1)));
    assertFalse(commits.append(append(Samples.conversation(), 1, "x")).isComplete());
    assertUnavailable(commits.append(append(Samples.conversation(), 1, "x")));
  }

  @Test
  void without_an_answer_every_caller_is_told_at_the_deadline() {
    commits = commits(Map.of("store.append.connections", "1", "store.batch.items", "2"));
    List<Future<Outcome>> early = send(4);
    ticks.pass(1_000);
    List<Future<Outcome>> late = send(1);
    ticks.pass(499);
    early.forEach(answer -> assertFalse(answer.isComplete()));
    ticks.pass(1);
    early.forEach(GroupCommitTest::assertUnavailable);
    assertFalse(late.getFirst().isComplete());
    ticks.pass(1_000);
    assertUnavailable(late.getFirst());
    // Only what is in flight is still held, and what is stored late is still told.
    assertEquals(0, news.size());
    log.take().store(1);
    assertEquals(2, news.size());
    assertEquals(0, log.inFlight());
    Future<Outcome> next = commits.append(message());
    ticks.pass(2);
    log.take().store(9);
    assertTrue(next.succeeded());
  }

  @Test
  void what_expired_makes_room_although_the_log_answers_nothing() {
    commits = commits(Map.of("store.append.connections", "1", "store.queue.items", "10", "store.batch.items", "2"));
    send(10);
    assertUnavailable(commits.append(message()));
    ticks.pass(1_500);
    send(8).forEach(answer -> assertFalse(answer.isComplete()));
    assertUnavailable(commits.append(message()));
  }

  @Test
  void a_batch_that_fails_tells_its_callers_and_the_next_goes_on() {
    ConversationId conversation = Samples.conversation();
    Future<Outcome> answer = commits.append(append(conversation, 1, "hello"));
    ticks.pass(2);
    Future<Outcome> next = commits.append(append(conversation, 1, "again"));
    log.take().promise().fail("broken");
    assertUnavailable(answer);
    ticks.pass(2);
    log.take().store(1);
    assertTrue(next.succeeded());
    assertEquals(1, news.size());
  }

  @Test
  void a_caller_may_append_from_within_its_answer() {
    ConversationId conversation = Samples.conversation();
    List<Outcome> outcomes = new ArrayList<>();
    commits.append(append(conversation, 1, "one")).compose(_ -> commits.append(append(conversation, 1, "two")))
        .onSuccess(outcomes::add);
    ticks.pass(2);
    log.take().store(1);
    ticks.pass(2);
    log.take().store(2);
    assertEquals(1, outcomes.size());
  }

  @Test
  void draining_takes_nothing_new_and_ends_when_all_have_their_answer() {
    Future<Outcome> answer = commits.append(message());
    Future<Void> drained = commits.drain();
    assertUnavailable(commits.append(message()));
    assertFalse(drained.isComplete());
    log.take().store(1);
    assertTrue(answer.succeeded());
    assertTrue(drained.succeeded());
  }

  @Test
  void timers_do_not_pile_up() {
    for (int i = 0; i < 1_000; i++) {
      commits.append(message());
      ticks.pass(2);
      log.take().store(1);
    }
    assertTrue(ticks.planned() <= 4, "timers: " + ticks.planned());
  }
}
