// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.relay.session.Placed;
import io.e2relay.relay.world.World;
import io.e2relay.relay.world.WorldOnBus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Under which epoch somebody may send, out of caches that may be old.
final class PlacementTest {
  private static final ByteString ROOM = World.conversation(1);
  private static final ByteString ANNE = World.user(1);
  private static final ByteString BOB = World.user(2);

  private final Vertx vertx = Vertx.vertx();
  private final World world = new World();
  private final Bus bus = Bus.of(vertx, Duration.ofSeconds(2));
  private final WorldOnBus answers;
  private final Placement placement = new Placement(bus, new BusLog(bus, 524_288), 1_000, 1_000);

  PlacementTest() throws TimeoutException {
    answers = WorldOnBus.answer(bus, world);
    world.members(ROOM, Set.of(ANNE));
  }

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void what_is_known_is_not_asked_again() throws TimeoutException {
    assertEquals(new Placed.In(1, true), place(ANNE, 0));
    assertEquals(new Placed.In(1, true), place(ANNE, 0));
    assertEquals(1, answers.asked(Calls.MEMBERSHIP));
    assertEquals(1, answers.asked(Calls.ROSTER));
  }

  @Test
  void a_new_member_is_not_turned_away_by_an_old_guess() throws TimeoutException {
    place(ANNE, 0);
    world.members(ROOM, Set.of(ANNE, BOB));
    assertEquals(new Placed.In(2, true), place(BOB, 0));
  }

  @Test
  void a_removed_member_is_told_so_whatever_epoch_they_name() throws TimeoutException {
    world.members(ROOM, Set.of(ANNE, BOB));
    assertEquals(new Placed.In(2, true), place(BOB, 0));
    world.members(ROOM, Set.of(ANNE));
    // The roster of the old epoch still has them: the fence refuses, and its answer is not passed on.
    assertEquals(new Placed.In(2, true), place(BOB, 0));
    AppendReply refused = await(
        placement.append(AppendCall.newBuilder().setConversationId(ROOM).setEpoch(2).setUid(BOB).build()));
    assertEquals(ErrorCode.NOT_A_MEMBER.refusal(), refused.getRefusal());
    for (long named : new long[]{0, 3, 4}) {
      assertEquals(new Placed.Out(ErrorCode.NOT_A_MEMBER, 0), place(BOB, named));
    }
    AppendReply stale = await(
        placement.append(AppendCall.newBuilder().setConversationId(ROOM).setEpoch(2).setUid(ANNE).build()));
    assertEquals(3, stale.getRefusal().getCurrentEpoch());
  }

  @Test
  void an_epoch_that_is_not_yet_is_stale_for_members_and_nothing_for_others() throws TimeoutException {
    assertEquals(new Placed.Out(ErrorCode.STALE_EPOCH, 1), place(ANNE, 9));
    assertEquals(new Placed.In(1, true), place(ANNE, 1));
    assertEquals(new Placed.Out(ErrorCode.NOT_A_MEMBER, 0), place(BOB, 9));
  }

  @Test
  void an_unknown_conversation_and_a_foreign_one_get_the_same_answer() throws TimeoutException {
    Placed foreign = place(BOB, 0);
    Placed unknown = await(placement.place(World.conversation(8), BOB, 0, 0));
    assertEquals(foreign, unknown);
  }

  @Test
  void no_answer_is_a_failure_and_is_not_remembered() throws TimeoutException {
    answers.broken(true);
    assertThrows(ReplyException.class, () -> place(ANNE, 0));
    answers.broken(false);
    assertEquals(new Placed.In(1, true), place(ANNE, 0));
  }

  @Test
  void rosters_are_forgotten_before_they_are_too_many() throws TimeoutException {
    Rosters rosters = new Rosters(call -> bus.ask(Calls.ROSTER, call), 10);
    for (int i = 0; i < 20; i++) {
      world.members(ROOM, Set.of(ANNE, BOB, World.user(i + 3)));
    }
    for (int epoch = 1; epoch <= 21; epoch++) {
      assertTrue(await(rosters.of(ROOM, epoch)).has(ANNE));
      assertTrue(rosters.uids() <= 10);
    }
    int asked = answers.asked(Calls.ROSTER);
    await(rosters.of(ROOM, 21));
    assertEquals(asked, answers.asked(Calls.ROSTER));
    await(rosters.of(ROOM, 1));
    assertEquals(asked + 1, answers.asked(Calls.ROSTER));
  }

  private Placed place(ByteString uid, long named) throws TimeoutException {
    return await(placement.place(ROOM, uid, named, 0));
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(10, TimeUnit.SECONDS);
  }
}
