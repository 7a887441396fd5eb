// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.Head;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.protocol.bus.wire.HeadsReply;
import io.e2relay.protocol.bus.wire.Membership;
import io.e2relay.protocol.bus.wire.MembershipCall;
import io.e2relay.protocol.bus.wire.MembershipReply;
import io.e2relay.protocol.bus.wire.ReadCall;
import io.e2relay.protocol.bus.wire.ReadReply;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.bus.wire.UserStatesCall;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Page;
import io.e2relay.relay.session.PageOutcome;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The log over the bus: the key service says what may be read, the store reads it.
public final class BusLog implements LogView {
  private static final int TRIES_MAX = 3;

  private final Bus bus;
  private final int frameBytes;

  public BusLog(Bus bus, int frameBytes) {
    this.bus = bus;
    this.frameBytes = frameBytes;
  }

  @Override
  public Future<Standing> standing(ByteString uid, ByteString conversation) {
    return bus.ask(Calls.MEMBERSHIP, MembershipCall.newBuilder().setUid(uid).setConversationId(conversation).build())
        .compose(BusLog::standing);
  }

  @Override
  public Future<PageOutcome> page(ByteString uid, Range range, Subprotocol subprotocol) {
    return page(uid, range, TRIES_MAX).map(outcome -> switch (outcome) {
      case PageOutcome.Read(var page) -> new PageOutcome.Read(PageFit.toFrame(page, subprotocol, frameBytes));
      case PageOutcome.Refused refused -> refused;
    });
  }

  @Override
  public Future<Map<ByteString, Long>> heads(List<ByteString> conversations) {
    return bus.ask(Calls.HEADS, HeadsCall.newBuilder().addAllConversationIds(conversations).build())
        .compose(BusLog::heads);
  }

  @Override
  public Future<Map<ByteString, UserState>> states(List<ByteString> uids) {
    return bus.ask(Calls.USER_STATES, UserStatesCall.newBuilder().addAllUids(uids).build())
        .compose(reply -> reply.hasRefusal()
            ? Future.failedFuture("no states now")
            : Future.succeededFuture(
                reply.getUsersList().stream().collect(Collectors.toMap(UserState::getUid, Function.identity()))));
  }

  private Future<PageOutcome> page(ByteString uid, Range range, int tries) {
    return standing(uid, range.conversation()).compose(standing -> switch (standing) {
      case Standing.Refused(var code) -> Future.succeededFuture(new PageOutcome.Refused(code));
      case Standing.Member(var membership) ->
        read(range, membership).compose(outcome -> shown(outcome, uid, range, tries));
    });
  }

  private Future<PageOutcome> read(Range range, Membership membership) {
    ReadCall question = ReadCall.newBuilder().setConversationId(range.conversation()).setAfterSeq(range.afterSeq())
        .setUptoSeq(range.uptoSeq()).setLimit(range.limit()).addAllReadable(membership.getReadableList()).build();
    return bus.ask(Calls.READ, question).compose(reply -> page(reply, membership.getEpoch()));
  }

  /// The members may have changed between the two answers: nothing of a later epoch is shown on the strength of the
  /// first. If that leaves nothing, the question is asked again.
  private Future<PageOutcome> shown(PageOutcome outcome, ByteString uid, Range range, int tries) {
    boolean nothing = outcome instanceof PageOutcome.Read(var page) && page.getThroughSeq() <= range.afterSeq()
        && page.getLastSeq() > range.afterSeq() && (range.uptoSeq() == 0 || range.uptoSeq() > range.afterSeq());
    if (!nothing) {
      return Future.succeededFuture(outcome);
    }
    return tries > 1 ? page(uid, range, tries - 1) : Future.failedFuture("the epoch moves faster than the log is read");
  }

  private static Future<PageOutcome> page(ReadReply reply, long epoch) {
    return switch (reply.getOutcomeCase()) {
      case PAGE -> Future.succeededFuture(new PageOutcome.Read(allowed(reply.getPage(), epoch)));
      case REFUSAL -> unlessUnavailable(ErrorCode.of(reply.getRefusal())).map(code -> new PageOutcome.Refused(code));
      case OUTCOME_NOT_SET -> Future.failedFuture("an answer without an outcome");
    };
  }

  private static Page allowed(Page page, long epoch) {
    return PageFit.toEpoch(page, epoch);
  }

  private static Future<Standing> standing(MembershipReply reply) {
    return switch (reply.getOutcomeCase()) {
      case MEMBERSHIP -> Future.succeededFuture(reply.getMembership().getState() == MemberState.MEMBER_STATE_PENDING
          ? new Standing.Refused(ErrorCode.MEMBER_PENDING)
          : new Standing.Member(reply.getMembership()));
      case REFUSAL -> unlessUnavailable(ErrorCode.of(reply.getRefusal())).map(code -> new Standing.Refused(code));
      case OUTCOME_NOT_SET -> Future.failedFuture("an answer without an outcome");
    };
  }

  private static Future<Map<ByteString, Long>> heads(HeadsReply reply) {
    if (reply.hasRefusal()) {
      return Future.failedFuture("no heads now");
    }
    Map<ByteString, Long> heads = new HashMap<>();
    for (Head head : reply.getHeadsList()) {
      heads.put(head.getConversationId(), head.getLastSeq());
    }
    return Future.succeededFuture(heads);
  }

  /// UNAVAILABLE as a value and a failed future mean the same; behind this line there is only the failed future.
  private static Future<ErrorCode> unlessUnavailable(ErrorCode code) {
    return code == ErrorCode.UNAVAILABLE ? Future.failedFuture("unavailable") : Future.succeededFuture(code);
  }
}
