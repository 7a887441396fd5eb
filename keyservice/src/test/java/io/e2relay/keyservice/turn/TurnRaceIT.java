// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.turn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.PostgresAccounts;
import io.e2relay.keyservice.conversation.EpochHooks;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.epoch.Draft;
import io.e2relay.keyservice.epoch.Epochs;
import io.e2relay.keyservice.epoch.Founding;
import io.e2relay.keyservice.epoch.Holder;
import io.e2relay.keyservice.epoch.Opening;
import io.e2relay.keyservice.epoch.PostgresEpochs;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.wire.ChangeKind;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Somebody opens an epoch for a key, and its owner turns that key: whichever comes first, in the end no open epoch is
/// for the old one. Two pools, as two nodes have.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TurnRaceIT {
  private static final int SEEDS = 60;
  private static final int MEMBERS_MAX = 10;
  private static final long NOW = 1_795_000_000_000L;

  /// How the epoch comes to be for Bob's old key.
  private enum Way {
    // Bob is active before and after.
    ROTATED,
    // Bob becomes active with it.
    ADDED,
    // The conversation begins with it.
    FOUNDED
  }

  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions here;
  private final PostgresSessions there;
  private final Accounts accounts;
  private final Epochs epochs;
  private final Turns turns;
  private final Rooms rooms;

  TurnRaceIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    here = pool(postgres);
    there = pool(postgres);
    accounts = new PostgresAccounts(there);
    turns = new PostgresTurns(there);
    epochs = new PostgresEpochs(here, MEMBERS_MAX, EpochHooks.NONE);
    rooms = new Rooms(there);
  }

  /// One try to open an epoch for Bob's key as it was, made before he turns it.
  private final class Race {
    final Holder anne = somebody();
    final Holder bob = somebody();
    final Way way;
    final Draft draft;
    final ConversationId id;

    Race(Way way) {
      this.way = way;
      Draft first = switch (way) {
        case ROTATED -> Draft.group(anne, bob);
        case ADDED -> Draft.group(anne, somebody());
        case FOUNDED -> Draft.group(anne, bob);
      };
      id = first.id();
      if (way == Way.FOUNDED) {
        draft = first;
      } else {
        assertInstanceOf(Founding.Founded.class, epochs.found(first.foundation(), Owner.random(16), NOW));
        draft = first.next().member(bob);
      }
      draft.record();
    }

    /// Whether it was opened; else it was refused because of Bob's newer key.
    boolean opens(Epochs where) {
      return switch (way) {
        case FOUNDED -> switch (where.found(draft.foundation(), Owner.random(16), NOW)) {
          case Founding.Founded _ -> true;
          case Founding.Refused(var why) -> refused(why.code());
          case Founding.Found found -> throw new AssertionError(found);
        };
        case ROTATED, ADDED -> switch (where.put(draft.put(), NOW)) {
          case Opening.Opened _ -> true;
          case Opening.Refused(var why) -> refused(why.code());
          case Opening.Before before -> throw new AssertionError(before);
        };
      };
    }

    void turnKey() {
      bob.turn().register(accounts);
    }

    /// Of an epoch that was opened for the old key nothing is left open, and Bob comes back with the next.
    void assertClosed(String seed) {
      assertTrue(rooms.isClosed(id), seed);
      assertEquals(1, turned(), seed);
      assertInstanceOf(Opening.Opened.class, epochs.put(draft.next().member(bob).put(), NOW), seed);
      assertFalse(rooms.isClosed(id), seed);
    }

    long turned() {
      return rooms.controls(id).stream().flatMap(control -> control.getChangesList().stream())
          .filter(change -> change.getKind() == ChangeKind.CHANGE_KIND_KEYS_TURNED).count();
    }

    private boolean refused(ErrorCode code) {
      assertEquals(ErrorCode.STALE_KEYS, code);
      return false;
    }
  }

  @AfterAll
  void close() throws TimeoutException {
    here.close().await(10, SECONDS);
    there.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Test
  void an_epoch_for_the_old_key_is_refused_from_the_moment_the_new_one_is_stored() {
    for (Way way : Way.values()) {
      Race race = new Race(way);
      race.turnKey();
      assertFalse(race.opens(epochs), way.name());
      work();
      assertFalse(race.opens(epochs), way.name());
      assertEquals(way == Way.ROTATED ? 1 : 0, way == Way.FOUNDED ? 0 : race.turned());
    }
    IO.println("shown: late_epoch ways=3 before_job=STALE_KEYS after_job=STALE_KEYS");
  }

  @Test
  void an_epoch_that_was_there_before_the_key_turned_is_closed() {
    for (Way way : Way.values()) {
      Race race = new Race(way);
      assertTrue(race.opens(epochs), way.name());
      assertFalse(rooms.isClosed(race.id));
      race.turnKey();
      work();
      race.assertClosed(way.name());
    }
  }

  @Test
  void an_epoch_that_is_under_way_when_the_key_turns_is_closed() throws Exception {
    for (Way way : Way.values()) {
      Race race = new Race(way);
      CompletableFuture<Void> decided = new CompletableFuture<>();
      CompletableFuture<Void> released = new CompletableFuture<>();
      Epochs paused = new PostgresEpochs(here, MEMBERS_MAX, pausing(decided, released));
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<Boolean> opening = threads.submit(() -> race.opens(paused));
        decided.get(10, SECONDS);
        Future<?> turning = threads.submit(() -> {
          race.turnKey();
          work();
        });
        // The record, or the work behind it, has met the transaction that is under way.
        while (!rooms.anyWaits()) {
          assertFalse(turning.isDone(), way.name());
          Thread.onSpinWait();
        }
        released.complete(null);
        assertTrue(opening.get(10, SECONDS), way.name());
        turning.get(10, SECONDS);
      }
      work();
      race.assertClosed(way.name());
    }
    IO.println("shown: epoch_under_way ways=3 closed=3 reopened=3");
  }

  @Test
  void whoever_wins_no_open_epoch_is_for_the_old_key() throws Exception {
    Map<Way, int[]> opened = new EnumMap<>(Way.class);
    for (int seed = 0; seed < SEEDS; seed++) {
      Random random = new Random(seed);
      Way way = Way.values()[seed % Way.values().length];
      Race race = new Race(way);
      boolean won;
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<Boolean> opening = threads.submit(() -> {
          LockSupport.parkNanos(random.nextInt(8_000_000));
          return race.opens(epochs);
        });
        Future<?> turning = threads.submit(() -> {
          race.turnKey();
          work();
        });
        won = opening.get(20, SECONDS);
        turning.get(20, SECONDS);
      }
      opened.computeIfAbsent(way, _ -> new int[1])[0] += won ? 1 : 0;
      String about = "seed " + seed;
      if (won) {
        race.assertClosed(about);
      } else if (way == Way.ROTATED) {
        assertTrue(rooms.isClosed(race.id), about);
        assertEquals(1, race.turned(), about);
      }
      assertEquals(0, rooms.jobsOf(race.bob.uid()), about);
    }
    IO.println("shown: key_turn_race seeds=%d opened_then_closed=%d of which rotated=%d added=%d founded=%d".formatted(
        SEEDS, opened.values().stream().mapToInt(count -> count[0]).sum(), count(opened, Way.ROTATED),
        count(opened, Way.ADDED), count(opened, Way.FOUNDED)));
  }

  private static int count(Map<Way, int[]> opened, Way way) {
    return opened.getOrDefault(way, new int[1])[0];
  }

  private void work() {
    Turn step;
    do {
      step = turns.next();
    } while (!(step instanceof Turn.Nothing));
  }

  private Holder somebody() {
    return Holder.in(accounts, Named.TENANT, NOW);
  }

  /// Stops an opening when everything is decided and saved, and nothing committed.
  private static EpochHooks pausing(CompletableFuture<Void> decided, CompletableFuture<Void> released) {
    return new EpochHooks() {
      @Override
      public void opened(PostgresSession session, EpochRecord record, boolean awaited) {
        decided.complete(null);
        try {
          released.get(9, SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
          throw new IllegalStateException(e);
        }
      }

      @Override
      public void removed(PostgresSession session, ConversationId conversation, Collection<Uid> uids) {
        // Nobody is.
      }
    };
  }

  private PostgresSessions pool(Postgres postgres) {
    return new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(6, 100, Duration.ofSeconds(10)));
  }
}
