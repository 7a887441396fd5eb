// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.PostgresAccounts;
import io.e2relay.keyservice.account.Stored;
import io.e2relay.keyservice.conversation.Conversations;
import io.e2relay.keyservice.conversation.EpochHooks;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.PostgresConversations;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many who want the same conversation to go on at once: PostgreSQL puts them in an order, and nobody is left with a
/// key who should not have it.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresEpochRaceIT {
  private static final long NOW = EpochsContract.NOW;
  // Of everybody who has a wrap: whether they are active now, and were in its epoch.
  private static final String WRAPS_OF_OTHERS = """
      SELECT count(*) AS wrong FROM keys.wrap w
      WHERE NOT EXISTS (SELECT 1 FROM keys.member m WHERE m.conversation_id = w.conversation_id AND m.uid = w.uid
        AND m.to_epoch IS NULL AND m.state = 1)
      OR NOT EXISTS (SELECT 1 FROM keys.member m WHERE m.conversation_id = w.conversation_id AND m.uid = w.uid
        AND m.state = 1 AND m.from_epoch <= w.epoch AND coalesce(m.to_epoch, w.epoch) >= w.epoch)""";
  // Of everybody who is active: whether they have a wrap of the current epoch.
  private static final String WITHOUT_WRAP = """
      SELECT count(*) AS wrong FROM keys.member m
      JOIN keys.conversation c ON c.conversation_id = m.conversation_id AND c.level = 3
      WHERE m.to_epoch IS NULL AND m.state = 1 AND NOT EXISTS (SELECT 1 FROM keys.wrap w
        WHERE w.conversation_id = c.conversation_id AND w.uid = m.uid AND w.epoch = c.epoch)""";
  private static final String HEADS = """
      SELECT count(*) AS wrong FROM keys.conversation c JOIN store.stand_in_head h USING (conversation_id)
      WHERE h.epoch <> c.epoch OR h.open = c.closed""";

  private final Vertx vertx = Vertx.vertx();
  private final AtomicReference<Runnable> whenOpened = new AtomicReference<>(() -> {
  });
  private final PostgresSessions sessions;
  private final Epochs epochs;
  private final Conversations conversations;
  private final Accounts accounts;

  PostgresEpochRaceIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(16, 200, Duration.ofSeconds(30)));
    EpochHooks hooks = new EpochHooks() {
      @Override
      public void opened(PostgresSession session, EpochRecord record, boolean awaited) {
        whenOpened.get().run();
      }

      @Override
      public void removed(PostgresSession session, ConversationId conversation, Collection<Uid> uids) {
        // Nothing hangs on it.
      }
    };
    epochs = new PostgresEpochs(sessions, 1000, hooks);
    conversations = new PostgresConversations(sessions, new Membership(1000), 2000, hooks);
    accounts = new PostgresAccounts(sessions);
  }

  @AfterEach
  void nobody_has_a_key_who_should_not() {
    for (String wrong : List.of(WRAPS_OF_OTHERS, WITHOUT_WRAP, HEADS)) {
      assertEquals(0, requireNonNull(sessions.with(session -> session.first(wrong))).getLong("wrong"), wrong);
    }
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Test
  void of_fifty_records_at_once_one_opens_each_epoch() throws Exception {
    List<Holder> members = holders(50);
    Draft last = Draft.group(members.getFirst(), members.subList(1, 50).toArray(Holder[]::new));
    found(last);
    int rounds = 5;
    for (int round = 0; round < rounds; round++) {
      Draft before = last;
      List<Draft> drafts = members.stream().map(member -> before.next().by(member)).toList();
      List<Opening> openings = atOnce(drafts.stream().map(draft -> puts(draft)).toList());
      List<Integer> winners = IntStream.range(0, 50).filter(i -> openings.get(i) instanceof Opening.Opened).boxed()
          .toList();
      assertEquals(1, winners.size());
      Epoch opened = before.epoch.next();
      assertEquals(49, openings.stream().filter(new Opening.Refused(Objection.moved(opened))::equals).count(),
          openings::toString);
      last = drafts.get(winners.getFirst());
      assertInstanceOf(Opening.Before.class, epochs.put(last.put(), NOW));
    }
    assertEquals(rounds + 1, wraps(last, members.getLast()));
    IO.println("shown: rotations-at-once members=50 rounds=%d winners-per-round=1 others-told=49".formatted(rounds));
  }

  @Test
  void a_removal_and_the_next_epoch_at_once_leave_the_removed_without_a_key() throws Exception {
    for (int round = 0; round < 20; round++) {
      Holder anne = holder();
      Holder bob = holder();
      Holder eve = holder();
      Draft first = Draft.group(anne, bob, eve);
      found(first);
      Draft next = first.next().by(bob);
      List<Object> answers = atOnce(List.of(() -> epochs.put(next.put(), NOW), () -> conversations.change(first.id(),
          new Request.Remove(anne.uid(), Set.of(eve.uid()), Owner.random(16), Proof.DEVICE))));
      assertInstanceOf(Outcome.Changed.class, answers.get(1));
      assertTrue(requireNonNull(conversations.view(first.id(), bob.uid())).conversation().phase().closed());
      Draft last = answers.get(0) instanceof Opening.Opened ? next : first;
      if (last == first) {
        assertEquals(new Opening.Refused(Objection.of(ErrorCode.ROSTER_MISMATCH, List.of(eve.uid()))), answers.get(0));
      }
      assertInstanceOf(Opening.Opened.class,
          epochs.put(last.next(EpochReason.REMOVED).by(bob).without(eve.uid()).put(), NOW));
    }
  }

  @Test
  void two_who_turn_to_each_other_at_once_get_one_conversation() throws Exception {
    for (int round = 0; round < 20; round++) {
      Holder anne = holder();
      Holder bob = holder();
      List<Founding> foundings = atOnce(
          Stream.of(Draft.direct(anne, bob), Draft.direct(bob, anne), Draft.direct(anne, bob), Draft.direct(bob, anne))
              .map(this::founds).toList());
      List<Founding.Founded> made = foundings.stream().filter(Founding.Founded.class::isInstance)
          .map(Founding.Founded.class::cast).toList();
      assertEquals(1, made.size());
      assertEquals(3, foundings.stream().filter(new Founding.Found(made.getFirst().now())::equals).count());
    }
  }

  @Test
  void of_many_upgrades_at_once_one_is_the_successor() throws Exception {
    List<Holder> members = holders(6);
    List<Uid> uids = members.stream().map(Holder::uid).toList();
    Creation wish = new Creation(new ConversationId(Owner.random(ConversationId.BYTES)),
        new Creation.Terms(EpochsContract.TENANT, TrustLevel.TRUST_LEVEL_OPEN, History.HISTORY_FULL), uids.getFirst(),
        Set.copyOf(uids), Owner.random(16), Owner.random(Creation.LINK_SECRET_BYTES));
    assertInstanceOf(Outcome.Changed.class, conversations.create(wish));
    List<Callable<Object>> tasks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Draft draft = Draft.of(Draft.Terms.GROUP.after(wish.id()), members.getFirst());
      members.subList(1, 6).forEach(draft::member);
      tasks.add(() -> epochs.upgrade(wish.id(), draft.foundation(), NOW));
    }
    tasks.add(() -> conversations.change(wish.id(),
        new Request.Join(EpochsContract.nobody(), EpochsContract.TENANT, wish.linkSecret())));
    List<Object> answers = atOnce(tasks);
    long founded = answers.stream().filter(Founding.Founded.class::isInstance).count();
    long upgraded = answers.stream().filter(new Founding.Refused(Objection.of(ErrorCode.UPGRADED))::equals).count();
    if (answers.getLast() instanceof Outcome.Changed) {
      assertTrue(founded <= 1, answers::toString);
    } else {
      assertEquals(new Outcome.Refused(ErrorCode.UPGRADED), answers.getLast());
      assertEquals(1, founded);
      assertEquals(9, upgraded);
    }
  }

  @Test
  void a_key_that_turns_waits_for_the_epoch_that_makes_its_owner_active() throws Exception {
    Holder anne = holder();
    Holder bob = holder();
    Draft first = Draft.group(anne);
    found(first);
    Draft adds = first.next(EpochReason.ADDED).member(bob);
    EpochPut put = adds.put();
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    whenOpened.set(() -> {
      opening.countDown();
      await(goOn);
    });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Opening> opened = threads.submit(() -> epochs.put(put, NOW));
      await(opening);
      Future<Stored> turned = threads.submit(() -> accounts.put(bob.owner.put(bob.turn().account()), NOW));
      // The turn is at the lock, and nowhere else.
      while (waiting() == 0) {
        Thread.onSpinWait();
      }
      goOn.countDown();
      assertInstanceOf(Opening.Opened.class, opened.get());
      Stored.Now stored = assertInstanceOf(Stored.Now.class, turned.get());
      assertEquals(List.of(first.id()), stored.conversations(), "it finds the conversation that it has to close");
    } finally {
      whenOpened.set(() -> {
      });
    }
  }

  private long waiting() {
    return requireNonNull(sessions.with(session -> session.first("""
        SELECT count(*) AS waiting FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND query LIKE '%keys.account WHERE%FOR UPDATE'"""))).getLong("waiting");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(10, SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private Holder holder() {
    return Holder.in(accounts, EpochsContract.TENANT, NOW);
  }

  private List<Holder> holders(int count) {
    return IntStream.range(0, count).mapToObj(_ -> holder()).toList();
  }

  private void found(Draft draft) {
    assertInstanceOf(Founding.Founded.class, epochs.found(draft.foundation(), Owner.random(16), NOW));
  }

  private Callable<Founding> founds(Draft draft) {
    Foundation wish = draft.foundation();
    return () -> epochs.found(wish, Owner.random(16), NOW);
  }

  private Callable<Opening> puts(Draft draft) {
    EpochPut put = draft.put();
    return () -> epochs.put(put, NOW);
  }

  private int wraps(Draft draft, Holder of) {
    return assertInstanceOf(Epochs.Keyring.Wraps.class, epochs.wraps(draft.id(), of.uid(), 0)).wraps().size();
  }

  private static <T> List<T> atOnce(List<Callable<T>> tasks) throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> answers = new ArrayList<>();
      for (Future<T> future : threads.invokeAll(tasks)) {
        answers.add(future.get());
      }
      return answers;
    }
  }
}
