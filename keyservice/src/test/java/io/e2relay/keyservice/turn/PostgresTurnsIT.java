// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.turn;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.MemberChange;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresTurnsIT {
  private static final int KILLS = 20;

  // Connections that are cut say so in many places.
  private final Vertx vertx = Vertx.vertx().exceptionHandler(_ -> {
  });
  private final Postgres postgres;
  private final PostgresSessions sessions;
  private final Rooms rooms;
  private final Turns turns;

  PostgresTurnsIT(Postgres postgres) {
    this.postgres = postgres;
    KeySchemas.migrate(postgres);
    sessions = pool(4);
    rooms = new Rooms(sessions);
    turns = new PostgresTurns(sessions);
  }

  @BeforeEach
  void nothing_is_left_to_do() {
    rooms.forgetJobs();
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Test
  void the_epochs_for_an_older_key_close_one_by_one_and_no_others() {
    Uid anne = Rooms.user();
    Uid bob = Rooms.user();
    ConversationId old = rooms.encrypted(anne, 1, bob, 7);
    ConversationId older = rooms.encrypted(anne, 2, bob, 7);
    ConversationId current = rooms.encrypted(anne, 3, bob, 7);
    ConversationId others = rooms.encrypted(Rooms.user(), 1, bob, 7);
    ConversationId plain = rooms.open(anne);
    ConversationId left = rooms.encrypted(anne, 1, bob, 7);
    rooms.leaves(left, anne);
    ConversationId waiting = rooms.encrypted(anne, 1, bob, 7);
    rooms.waits(waiting, anne);
    rooms.job(anne, 5, 3);
    List<Turn> steps = work(turns);
    assertEquals(Set.of(old, older), closed(steps));
    assertEquals(new Turn.Finished(anne), steps.get(2));
    assertEquals(4, steps.size());
    for (ConversationId id : List.of(old, older)) {
      assertTrue(rooms.isClosed(id));
      Control told = requireNonNull(rooms.controls(id).getLast());
      assertTrue(told.getClosed());
      assertEquals(1, told.getEpoch());
      assertEquals(List.of(MemberChange.newBuilder().setKind(ChangeKind.CHANGE_KIND_KEYS_TURNED).setUid(anne.bytes())
          .setBy(anne.bytes()).build()), told.getChangesList());
    }
    for (ConversationId id : List.of(current, others, plain, left, waiting)) {
      assertFalse(rooms.isClosed(id));
      assertEquals(1, rooms.controls(id).size());
    }
    IO.println("shown: key_turn closed=2 untouched=current,others,open,left,pending");
  }

  @Test
  void what_is_closed_already_is_told_once_more_and_stays_closed() {
    Uid anne = Rooms.user();
    ConversationId id = rooms.encrypted(anne, 1, Rooms.user(), 1);
    rooms.job(anne, 2, 2);
    work(turns);
    assertEquals(2, rooms.controls(id).size());
    rooms.job(anne, 3, 3);
    Turn.Closed again = (Turn.Closed) work(turns).getFirst();
    assertEquals(3, again.news().control().getSeq());
    assertTrue(rooms.isClosed(id));
    assertEquals(3, rooms.controls(id).size());
  }

  @Test
  void a_job_that_fails_goes_to_the_end_of_the_line() {
    Uid stuck = Rooms.user();
    ConversationId broken = rooms.encrypted(stuck, 1, Rooms.user(), 1);
    rooms.breaks(broken);
    Uid anne = Rooms.user();
    Set<ConversationId> all = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      all.add(rooms.encrypted(anne, 1, Rooms.user(), 1));
    }
    rooms.job(stuck, 2, 2);
    rooms.job(anne, 2, 2);
    int failures = 0;
    List<Turn> steps = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      try {
        steps.add(turns.next());
      } catch (IllegalStateException e) {
        failures++;
      }
    }
    assertEquals(all, closed(steps));
    assertEquals(4, failures);
    assertFalse(rooms.isClosed(broken));
  }

  @Test
  void many_workers_close_each_once() throws Exception {
    Uid anne = Rooms.user();
    Uid bob = Rooms.user();
    Set<ConversationId> ids = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      ids.add(rooms.encrypted(anne, 1, bob, 1));
    }
    rooms.job(anne, 2, 2);
    rooms.job(bob, 2, 2);
    PostgresSessions other = pool(4);
    List<Turn> steps = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Turns worker = i % 2 == 0 ? turns : new PostgresTurns(other);
      threads.add(Thread.ofVirtual().start(() -> {
        while (rooms.jobs() > 0) {
          steps.add(worker.next());
        }
      }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    other.close().await(10, SECONDS);
    assertEquals(ids, closed(steps));
    assertEquals(80, steps.stream().filter(Turn.Closed.class::isInstance).count());
    for (ConversationId id : ids) {
      assertTrue(rooms.isClosed(id));
      assertEquals(3, rooms.controls(id).size());
    }
  }

  @Test
  void a_worker_that_is_killed_leaves_the_rest_to_the_next_and_nothing_is_closed_twice() throws Exception {
    int killedBusy = 0;
    for (int seed = 0; seed < KILLS; seed++) {
      Random random = new Random(seed);
      Uid anne = Rooms.user();
      Set<ConversationId> ids = new HashSet<>();
      for (int i = 0; i < 6; i++) {
        ids.add(rooms.encrypted(anne, 1, Rooms.user(), 1));
      }
      rooms.job(anne, 2, 2);
      PostgresSessions mortal = pool(1);
      int pid = Rooms.pid(mortal);
      Turns worker = new PostgresTurns(mortal);
      Thread working = Thread.ofVirtual().start(() -> {
        try {
          while (!(worker.next() instanceof Turn.Nothing)) {
            Thread.onSpinWait();
          }
        } catch (Unavailable | IllegalStateException e) {
          // It is dead.
        }
      });
      int spare = random.nextInt(7);
      while (rooms.closings(ids) < spare) {
        Thread.onSpinWait();
      }
      killedBusy += rooms.terminate(pid) ? 1 : 0;
      working.join();
      mortal.close().await(10, SECONDS);
      work(turns);
      for (ConversationId id : ids) {
        assertTrue(rooms.isClosed(id), "seed " + seed);
        assertEquals(2, rooms.controls(id).size(), "seed " + seed);
      }
      assertEquals(0, rooms.jobs(), "seed " + seed);
    }
    assertTrue(killedBusy > 0);
    IO.println("shown: key_turn_killed seeds=%d killed=%d closed_once_each=6".formatted(KILLS, killedBusy));
  }

  private PostgresSessions pool(int connections) {
    return new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(connections, 100, Duration.ofSeconds(10)));
  }

  private static List<Turn> work(Turns worker) {
    List<Turn> steps = new ArrayList<>();
    do {
      steps.add(worker.next());
    } while (!(steps.getLast() instanceof Turn.Nothing));
    return steps;
  }

  private static Set<ConversationId> closed(List<Turn> steps) {
    Set<ConversationId> ids = new HashSet<>();
    for (Turn step : List.copyOf(steps)) {
      if (step instanceof Turn.Closed(var news)) {
        ids.add(new ConversationId(news.control().getConversationId()));
      }
    }
    return ids;
  }
}
