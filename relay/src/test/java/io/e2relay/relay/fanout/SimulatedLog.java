// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.protocol.bus.wire.Membership;
import io.e2relay.protocol.bus.wire.MembershipCall;
import io.e2relay.protocol.bus.wire.MembershipReply;
import io.e2relay.protocol.bus.wire.ReadCall;
import io.e2relay.protocol.bus.wire.RosterCall;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.Page;
import io.e2relay.relay.session.PageOutcome;
import io.e2relay.relay.world.World;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// A log whose answers come when the simulation says so, or not at all. Between the two halves of a page (may this
/// user read, what is there) anything may happen.
final class SimulatedLog implements LogView {
  private final World world;
  private final RandomGenerator random;
  private final List<Runnable> steps = new ArrayList<>();
  private int failOneIn;

  SimulatedLog(World world, RandomGenerator random) {
    this.world = world;
    this.random = random;
  }

  void failOneIn(int count) {
    failOneIn = count;
  }

  boolean isIdle() {
    return steps.isEmpty();
  }

  void step() {
    if (!steps.isEmpty()) {
      steps.remove(random.nextInt(steps.size())).run();
    }
  }

  @Override
  public Future<Standing> standing(ByteString uid, ByteString conversation) {
    return later(() -> {
      MembershipReply reply = membership(uid, conversation);
      return reply.hasMembership()
          ? new Standing.Member(reply.getMembership())
          : new Standing.Refused(ErrorCode.of(reply.getRefusal()));
    });
  }

  @Override
  public Future<PageOutcome> page(ByteString uid, Range range, Subprotocol subprotocol) {
    return later(() -> membership(uid, range.conversation())).compose(reply -> reply.hasMembership()
        ? later(() -> new PageOutcome.Read(read(range, reply.getMembership())))
        : Future.succeededFuture(new PageOutcome.Refused(ErrorCode.of(reply.getRefusal()))));
  }

  @Override
  public Future<Map<ByteString, Long>> heads(List<ByteString> conversations) {
    return later(() -> {
      Map<ByteString, Long> heads = new HashMap<>();
      world.heads(HeadsCall.newBuilder().addAllConversationIds(conversations).build()).getHeadsList()
          .forEach(head -> heads.put(head.getConversationId(), head.getLastSeq()));
      return heads;
    });
  }

  @Override
  public Future<Map<ByteString, UserState>> states(List<ByteString> uids) {
    return later(Map::of);
  }

  Future<RosterReply> roster(RosterCall call) {
    return later(() -> world.roster(call));
  }

  private Page read(Range range, Membership membership) {
    Page page = world
        .read(ReadCall.newBuilder().setConversationId(range.conversation()).setAfterSeq(range.afterSeq())
            .setUptoSeq(range.uptoSeq()).setLimit(range.limit()).addAllReadable(membership.getReadableList()).build())
        .getPage();
    return PageFit.toEpoch(page, membership.getEpoch());
  }

  private MembershipReply membership(ByteString uid, ByteString conversation) {
    return world.membership(MembershipCall.newBuilder().setUid(uid).setConversationId(conversation).build());
  }

  private <T> Future<T> later(Supplier<T> answer) {
    Promise<T> promise = Promise.promise();
    steps.add(() -> {
      if (failOneIn > 0 && random.nextInt(failOneIn) == 0) {
        promise.fail("the simulation says so");
      } else {
        promise.complete(answer.get());
      }
    });
    return promise.future();
  }
}
