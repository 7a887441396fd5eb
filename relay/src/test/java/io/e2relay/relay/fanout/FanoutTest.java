// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AccountChangedHint;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.bus.wire.MemberReadyHint;
import io.e2relay.protocol.bus.wire.UserVersion;
import io.e2relay.protocol.bus.wire.UsersChangedHint;
import io.e2relay.protocol.bus.wire.WrapJobsHint;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.relay.RelayMetrics;
import io.e2relay.relay.world.World;
import io.e2relay.relay.world.WorldOnBus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The fan-out of one event loop over a real local bus, with the answers of the others out of a world in memory.
final class FanoutTest {
  private static final ByteString ROOM = World.conversation(1);
  private static final ByteString ANNE = World.user(1);
  private static final ByteString BOB = World.user(2);
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final LoopFanout.Bounds BOUNDS = new LoopFanout.Bounds(8, 10, 30_000, 50);

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final World world = new World();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RelayMetrics metrics = new RelayMetrics(meters);
  private final Map<FakeOutlet, Subscriber> outlets = new HashMap<>();
  private final Bus bus;
  private final WorldOnBus answers;
  private final Fanout fanout;
  private final LoopFanout loop;

  FanoutTest() throws TimeoutException {
    bus = Bus.of(vertx, Duration.ofSeconds(2));
    answers = WorldOnBus.answer(bus, world);
    fanout = Fanout.of(bus, 10_000, InstantSource.system(), metrics);
    loop = fanout.loop(new BusLog(bus, 524_288), BOUNDS, task -> context.runOnContext(_ -> task.run()));
  }

  @BeforeEach
  void listen() throws Exception {
    world.members(ROOM, Set.of(ANNE, BOB));
    Future<?> listening = on(() -> Future.all(bus.listen(Calls.COMMITTED, fanout::committed),
        bus.answer(Calls.DETACH, fanout::detach), bus.listen(Calls.USERS_CHANGED, fanout::usersChanged),
        bus.listen(Calls.ACCOUNT_CHANGED, fanout::accountChanged), bus.listen(Calls.MEMBER_READY, fanout::memberReady),
        bus.listen(Calls.WRAP_JOBS, fanout::jobsWaiting)));
    listening.await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void a_subscription_gets_the_log_then_caught_up_then_what_comes() throws Exception {
    for (int i = 0; i < 25; i++) {
      world.say(ROOM, ANNE, ByteString.EMPTY);
    }
    FakeOutlet outlet = subscribed(BOB, 3);
    eventually(outlet::isCaughtUp);
    say();
    eventually(() -> outlet.seqs().size() == 24);
    assertEquals(seqs(4, 27), outlet.seqs());
    assertEquals(26, outlet.frames.get(23).getCaughtUp().getLastSeq());
  }

  @Test
  void an_entry_is_encoded_once_for_each_subprotocol_however_many_get_it() throws Exception {
    FakeOutlet[] outlets = new FakeOutlet[20];
    for (int i = 0; i < outlets.length; i++) {
      outlets[i] = subscribed(i % 2 == 0 ? ANNE : BOB, 1, i % 2 == 0 ? Subprotocol.PROTOBUF : Subprotocol.JSON);
    }
    for (FakeOutlet outlet : outlets) {
      eventually(outlet::isCaughtUp);
    }
    say();
    for (FakeOutlet outlet : outlets) {
      eventually(() -> outlet.seqs().equals(List.of(2L)));
    }
    assertEquals(2, meters.get("e2relay_encodings_total").counter().count());
    assertEquals(0, meters.get("e2relay_repairs_total").counter().count());
  }

  @Test
  void a_lost_hint_is_found_by_the_next_and_read_from_the_log() throws Exception {
    FakeOutlet outlet = caughtUp(BOB);
    answers.silent(true);
    say();
    say();
    answers.silent(false);
    assertEquals(List.of(), outlet.seqs());
    say();
    eventually(() -> outlet.seqs().equals(seqs(2, 4)));
    assertEquals(1, meters.get("e2relay_repairs_total").counter().count());
  }

  @Test
  void a_hint_that_comes_again_or_late_changes_nothing() throws Exception {
    FakeOutlet outlet = caughtUp(BOB);
    Entry first = world.say(ROOM, ANNE, ByteString.EMPTY);
    Entry second = world.say(ROOM, ANNE, ByteString.EMPTY);
    answers.hint(second);
    answers.hint(first);
    answers.hint(first, second);
    say();
    eventually(() -> outlet.seqs().size() == 3);
    assertEquals(seqs(2, 4), outlet.seqs());
  }

  @Test
  void a_lost_last_hint_is_found_by_the_sweep() throws Exception {
    FakeOutlet outlet = caughtUp(BOB);
    answers.silent(true);
    say();
    on(() -> {
      loop.tick(1);
      loop.tick(1 + BOUNDS.sweepEveryMs());
      return true;
    });
    eventually(() -> outlet.seqs().equals(List.of(2L)));
  }

  @Test
  void after_the_store_was_away_a_sweep_follows_soon_until_it_succeeds() throws Exception {
    FakeOutlet outlet = caughtUp(BOB);
    answers.broken(true);
    Entry lost = world.say(ROOM, ANNE, ByteString.EMPTY);
    Entry next = world.say(ROOM, ANNE, ByteString.EMPTY);
    assertEquals(2, lost.getMessage().getSeq());
    answers.hint(next);
    eventually(() -> answers.asked(Calls.MEMBERSHIP) >= 3);
    long now = 1_000;
    on(() -> {
      loop.tick(now);
      loop.tick(now + BOUNDS.sweepSoonMs());
      return true;
    });
    eventually(() -> answers.asked(Calls.HEADS) == 1);
    assertEquals(List.of(), outlet.seqs());
    answers.broken(false);
    eventually(() -> {
      loop.tick(now + 2 * BOUNDS.sweepSoonMs());
      loop.tick(now + 3 * BOUNDS.sweepSoonMs());
      return outlet.seqs().equals(seqs(2, 3));
    });
  }

  @Test
  void a_client_that_does_not_read_is_not_pushed_to_and_is_refilled_in_order() throws Exception {
    FakeOutlet slow = caughtUp(BOB);
    FakeOutlet quick = caughtUp(ANNE);
    on(() -> {
      slow.room(3);
      return true;
    });
    for (int i = 0; i < 50; i++) {
      say();
    }
    eventually(() -> quick.seqs().equals(seqs(2, 51)));
    assertEquals(seqs(2, 4), slow.seqs());
    int asked = answers.asked(Calls.READ);
    drain(slow, 5);
    eventually(() -> slow.seqs().equals(seqs(2, 9)));
    // A page that does not fit is not kept: what is left of it is read again.
    assertEquals(asked + 1, answers.asked(Calls.READ));
    drain(slow, Integer.MAX_VALUE);
    eventually(() -> slow.seqs().equals(seqs(2, 51)));
    say();
    eventually(() -> slow.seqs().equals(seqs(2, 52)));
  }

  @Test
  void a_removed_user_gets_nothing_after_detach_was_answered() throws Exception {
    FakeOutlet anne = caughtUp(ANNE);
    FakeOutlet bob = caughtUp(BOB);
    Entry removal = world.members(ROOM, Set.of(ANNE));
    var reply = bus.ask(Calls.DETACH, DetachCall.newBuilder().setConversationId(ROOM).addUids(BOB).build()).await(10,
        TimeUnit.SECONDS);
    assertEquals(1, reply.getDetached());
    assertEquals(List.of(ROOM), bob.removed);
    answers.hint(removal);
    say();
    eventually(() -> anne.seqs().equals(seqs(2, 3)));
    assertEquals(List.of(), bob.seqs());
    assertEquals(List.of(), anne.removed);
  }

  @Test
  void a_removed_user_whom_no_detach_reached_gets_nothing_either() throws Exception {
    FakeOutlet anne = caughtUp(ANNE);
    FakeOutlet bob = caughtUp(BOB);
    answers.hint(world.members(ROOM, Set.of(ANNE)));
    say();
    eventually(() -> anne.seqs().equals(seqs(2, 3)));
    eventually(() -> bob.removed.equals(List.of(ROOM)));
    assertEquals(List.of(), bob.seqs());
  }

  @Test
  void who_is_no_member_is_refused_and_a_member_beside_them_is_not() throws Exception {
    FakeOutlet outlet = new FakeOutlet(Subprotocol.PROTOBUF);
    List<SubscribeResult> results = on(
        () -> loop
            .subscribe(loop.join(new Uid(World.user(9)), outlet),
                List.of(Cursor.newBuilder().setConversationId(ROOM).build(),
                    Cursor.newBuilder().setConversationId(World.conversation(77)).build())))
        .await(10, TimeUnit.SECONDS);
    assertEquals(List.of("NOT_A_MEMBER", "NOT_A_MEMBER"), results.stream().map(r -> r.getError().getName()).toList());
    say();
    FakeOutlet bob = subscribed(BOB, 0);
    eventually(() -> bob.seqs().equals(seqs(1, 2)));
    assertEquals(List.of(), outlet.frames);
  }

  @Test
  void a_newcomer_sees_gaps_where_others_talked_before() throws Exception {
    say();
    world.members(ROOM, Set.of(ANNE, BOB, World.user(3)));
    FakeOutlet newcomer = subscribed(World.user(3), 0);
    eventually(newcomer::isCaughtUp);
    assertEquals(seqs(1, 3), newcomer.seqs());
    assertTrue(newcomer.frames.getFirst().hasGap());
    assertEquals(2, newcomer.frames.getFirst().getGap().getToSeq());
    assertFalse(newcomer.frames.get(1).hasGap());
  }

  @Test
  void a_change_of_a_users_list_reaches_that_users_connections() throws Exception {
    FakeOutlet anne = caughtUp(ANNE);
    FakeOutlet bob = caughtUp(BOB);
    bus.tell(Calls.USERS_CHANGED, UsersChangedHint.newBuilder().setConversationId(ROOM)
        .addUsers(UserVersion.newBuilder().setUid(BOB).setVersion(8)).build());
    eventually(() -> bob.versions.equals(List.of(8L)));
    assertEquals(List.of(), anne.versions);
  }

  @Test
  void a_change_of_an_account_reaches_its_own_connections_and_once_whoever_follows_a_conversation() throws Exception {
    FakeOutlet anne = caughtUp(ANNE);
    FakeOutlet bob = caughtUp(BOB);
    bus.tell(Calls.ACCOUNT_CHANGED, AccountChangedHint.newBuilder().setUid(ANNE).setLastSeq(3).build());
    eventually(() -> anne.accounts.equals(Map.of(ANNE, 3L)));
    assertEquals(Map.of(), bob.accounts);
    bus.tell(Calls.ACCOUNT_CHANGED,
        AccountChangedHint.newBuilder().setUid(ANNE).setLastSeq(4).addConversationIds(ROOM).build());
    eventually(() -> bob.accounts.equals(Map.of(ANNE, 4L)) && anne.accounts.equals(Map.of(ANNE, 4L)));
  }

  @Test
  void who_has_a_key_now_is_told_on_every_connection_and_nobody_else_is() throws Exception {
    FakeOutlet anne = caughtUp(ANNE);
    FakeOutlet[] bobs = {joined(BOB), joined(BOB)};
    bus.tell(Calls.MEMBER_READY,
        MemberReadyHint.newBuilder().setConversationId(ROOM).setEpoch(3).addUids(BOB).addUids(World.user(9)).build());
    for (FakeOutlet bob : bobs) {
      eventually(() -> bob.ready.equals(Map.of(ROOM, 3L)));
    }
    assertEquals(Map.of(), anne.ready);
  }

  @Test
  void work_for_those_who_hold_a_key_is_told_to_whoever_follows_the_conversation() throws Exception {
    FakeOutlet anne = caughtUp(ANNE);
    FakeOutlet elsewhere = joined(BOB);
    bus.tell(Calls.WRAP_JOBS, WrapJobsHint.newBuilder().setConversationId(World.conversation(9)).build());
    bus.tell(Calls.WRAP_JOBS, WrapJobsHint.newBuilder().setConversationId(ROOM).build());
    eventually(() -> anne.jobs.equals(List.of(ROOM)));
    assertEquals(List.of(), elsewhere.jobs);
  }

  @Test
  void a_client_that_knows_more_than_the_log_gets_what_comes_from_here_on() throws Exception {
    FakeOutlet outlet = subscribed(BOB, 40);
    eventually(outlet::isCaughtUp);
    say();
    eventually(() -> outlet.seqs().equals(List.of(2L)));
  }

  private void say() {
    answers.hint(world.say(ROOM, ANNE, ByteString.EMPTY));
  }

  private FakeOutlet joined(ByteString uid) throws Exception {
    FakeOutlet outlet = new FakeOutlet(Subprotocol.PROTOBUF);
    on(() -> Future.succeededFuture(loop.join(new Uid(uid), outlet))).await(10, TimeUnit.SECONDS);
    return outlet;
  }

  private FakeOutlet caughtUp(ByteString uid) throws Exception {
    FakeOutlet outlet = subscribed(uid, 1);
    eventually(outlet::isCaughtUp);
    return outlet;
  }

  private FakeOutlet subscribed(ByteString uid, long after) throws Exception {
    return subscribed(uid, after, Subprotocol.PROTOBUF);
  }

  private FakeOutlet subscribed(ByteString uid, long after, Subprotocol subprotocol) throws Exception {
    FakeOutlet outlet = new FakeOutlet(subprotocol);
    outlets.put(outlet, on(() -> loop.join(new Uid(uid), outlet)));
    Subscriber subscriber = subscriber(outlet);
    on(() -> loop.subscribe(subscriber,
        List.of(Cursor.newBuilder().setConversationId(ROOM).setAfterSeq(after).build()))).await(10, TimeUnit.SECONDS);
    on(() -> {
      loop.begin(subscriber, List.of(ROOM));
      return true;
    });
    return outlet;
  }

  private void drain(FakeOutlet outlet, int room) throws Exception {
    Subscriber subscriber = subscriber(outlet);
    on(() -> {
      outlet.room(room);
      loop.drained(subscriber);
      return true;
    });
  }

  private Subscriber subscriber(FakeOutlet outlet) {
    Subscriber subscriber = outlets.get(outlet);
    if (subscriber == null) {
      throw new IllegalStateException("never subscribed");
    }
    return subscriber;
  }

  private static List<Long> seqs(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  private <T> T on(Callable<T> step) throws TimeoutException {
    Promise<T> done = Promise.promise();
    context.runOnContext(_ -> {
      try {
        done.complete(step.call());
      } catch (Exception e) {
        done.fail(e);
      }
    });
    return done.future().await(10, TimeUnit.SECONDS);
  }

  /// Looks on the event loop, which owns what is looked at.
  private void eventually(Callable<Boolean> fact) throws Exception {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!on(fact)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not come to be");
      }
      Thread.onSpinWait();
    }
  }
}
