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
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.record.Hash;
import io.e2relay.relay.session.Placed;
import io.e2relay.relay.world.SealedSender;
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
  private static final Hash HASH = new Hash(SealedSender.random(Hash.BYTES));

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
    assertEquals(new Placed.Open(1), place(ANNE, 0));
    assertEquals(new Placed.Open(1), place(ANNE, 0));
    assertEquals(1, answers.asked(Calls.MEMBERSHIP));
    assertEquals(1, answers.asked(Calls.ROSTER));
  }

  @Test
  void a_new_member_is_not_turned_away_by_an_old_guess() throws TimeoutException {
    place(ANNE, 0);
    world.members(ROOM, Set.of(ANNE, BOB));
    assertEquals(new Placed.Open(2), place(BOB, 0));
  }

  @Test
  void a_removed_member_is_told_so_whatever_epoch_they_name() throws TimeoutException {
    world.members(ROOM, Set.of(ANNE, BOB));
    assertEquals(new Placed.Open(2), place(BOB, 0));
    world.members(ROOM, Set.of(ANNE));
    // The roster of the old epoch still has them: the fence refuses, and its answer is not passed on.
    assertEquals(new Placed.Open(2), place(BOB, 0));
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
    assertEquals(new Placed.Open(1), place(ANNE, 1));
    assertEquals(new Placed.Out(ErrorCode.NOT_A_MEMBER, 0), place(BOB, 9));
  }

  @Test
  void who_may_send_to_an_encrypted_conversation_is_in_the_roster_of_its_record() throws TimeoutException {
    world.encrypted(ROOM, HASH.bytes());
    world.pending(ROOM, BOB);
    assertEquals(new Placed.Sealed(1, HASH), place(ANNE, 1));
    assertEquals(new Placed.Out(ErrorCode.MEMBER_PENDING, 0), place(BOB, 1));
    assertEquals(new Placed.Out(ErrorCode.STALE_EPOCH, 1), place(ANNE, 2));
    assertEquals(new Placed.Out(ErrorCode.NOT_A_MEMBER, 0), place(World.user(3), 1));
    world.members(ROOM, Set.of());
    assertEquals(new Placed.Out(ErrorCode.NOT_A_MEMBER, 0), place(ANNE, 2));
    assertEquals(new Placed.Out(ErrorCode.MEMBER_PENDING, 0), place(BOB, 2));
    world.members(ROOM, Set.of(ANNE, BOB));
    assertEquals(new Placed.Sealed(3, HASH), place(BOB, 3));
  }

  @Test
  void a_closed_epoch_is_told_to_members_and_a_removed_one_hears_nothing_of_it() throws TimeoutException {
    world.encrypted(ROOM, HASH.bytes());
    world.members(ROOM, Set.of(ANNE, BOB));
    assertEquals(new Placed.Sealed(2, HASH), place(BOB, 2));
    world.remove(ROOM, BOB);
    // Only a record ends the roster, and there is none yet: the fence refuses, and the key service says why.
    assertEquals(new Placed.Sealed(2, HASH), place(BOB, 2));
    assertEquals(ErrorCode.NOT_A_MEMBER.refusal(), refusal(BOB, 2));
    assertEquals(ErrorCode.EPOCH_CLOSED.refusal().toBuilder().setCurrentEpoch(2).build(), refusal(ANNE, 2));
    world.pending(ROOM, ANNE);
    assertEquals(ErrorCode.MEMBER_PENDING.refusal(), refusal(ANNE, 2));
  }

  @Test
  void an_encrypted_epoch_without_the_hash_of_its_record_is_no_answer() {
    world.encrypted(ROOM, ByteString.copyFromUtf8("short"));
    assertThrows(IllegalArgumentException.class, () -> place(ANNE, 1));
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
    assertEquals(new Placed.Open(1), place(ANNE, 0));
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

  private Refusal refusal(ByteString uid, long epoch) throws TimeoutException {
    return await(placement.append(AppendCall.newBuilder().setConversationId(ROOM).setEpoch(epoch).setUid(uid).build()))
        .getRefusal();
  }

  private Placed place(ByteString uid, long named) throws TimeoutException {
    return await(placement.place(ROOM, uid, named, 0));
  }

  private static <T> T await(Future<T> future) throws TimeoutException {
    return future.await(10, TimeUnit.SECONDS);
  }
}
