// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.Samples.append;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever comes in whatever order: each caller is answered in time, conversations keep their order, bounds hold.
final class GroupCommitProperties {
  private static final long DEADLINE_MS = 1_500;

  static IntStream seeds() {
    return IntStream.range(0, 200);
  }

  private record Sent(Append append, long at, Future<Outcome> answer) {
  }

  private final ManualTicks ticks = new ManualTicks();
  private final HeldLog log = new HeldLog();
  private final Map<ConversationId, List<Append>> stored = new HashMap<>();
  private final List<Sent> sent = new ArrayList<>();
  private final GroupCommit commits = new GroupCommit(log,
      Samples.config(Map.of("store.batch.items", "4", "store.queue.items", "40", "store.append.connections", "3")),
      ticks, Samples.metrics(), news -> news.forEach(
          one -> stored.computeIfAbsent(one.append().conversation(), _ -> new ArrayList<>()).add(one.append())));

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void every_run_keeps_the_promises(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<ConversationId> conversations = IntStream.range(0, 5).mapToObj(_ -> Samples.conversation()).toList();
    for (int step = 0; step < 400; step++) {
      switch (random.nextInt(6)) {
        case 0 -> ticks.pass(random.nextInt(5));
        case 1 -> ticks.pass(random.nextInt(20) == 0 ? 800 : 1);
        case 2 -> answer(random);
        case 3 -> repeat(random);
        default -> send(append(conversations.get(random.nextInt(5)), 1, "m" + step));
      }
      check();
    }
    Future<Void> drained = commits.drain();
    while (log.inFlight() > 0) {
      log.take().store(1);
    }
    assertTrue(drained.succeeded());
    sent.forEach(one -> assertTrue(one.answer().isComplete()));
    orderIsKept();
  }

  private void send(Append append) {
    sent.add(new Sent(append, ticks.nanos(), commits.append(append)));
  }

  private void repeat(SplittableRandom random) {
    if (!sent.isEmpty()) {
      send(sent.get(random.nextInt(sent.size())).append());
    }
  }

  private void answer(SplittableRandom random) {
    if (log.inFlight() > 0) {
      HeldLog.Held held = log.take(random.nextInt(log.inFlight()));
      if (random.nextInt(5) == 0) {
        held.promise().fail("broken");
      } else {
        held.store(1);
      }
    }
  }

  private void check() {
    assertTrue(log.inFlight() <= 3);
    Set<ConversationId> busy = new HashSet<>();
    for (HeldLog.Held held : log.held()) {
      assertTrue(held.items().size() <= 4);
      Set<ConversationId> here = new HashSet<>();
      held.items().forEach(item -> here.add(item.conversation()));
      here.forEach(conversation -> assertTrue(busy.add(conversation), "a conversation is in one batch at a time"));
    }
    for (Sent one : sent) {
      boolean late = ticks.nanos() - one.at() >= DEADLINE_MS * 1_000_000;
      assertFalse(late && !one.answer().isComplete(), "an answer by the deadline");
    }
  }

  /// Each conversation's messages were stored in the order in which they were first taken, repeats aside.
  private void orderIsKept() {
    stored.forEach((conversation, appends) -> {
      List<Append> asked = sent.stream().map(Sent::append).filter(one -> one.conversation().equals(conversation))
          .toList();
      int at = 0;
      for (Append append : appends) {
        while (at < asked.size() && !asked.get(at).equals(append)) {
          at++;
        }
        assertTrue(at < asked.size(), "stored in the order of arrival");
        at++;
      }
    });
  }
}
