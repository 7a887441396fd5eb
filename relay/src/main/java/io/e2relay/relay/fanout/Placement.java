// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.relay.session.Placed;
import io.vertx.core.Future;

/// Under which epoch a user may send, and the sending. The roster decides who, the fence decides whether the epoch is
/// still the current one. Belongs to one event loop.
public final class Placement {
  private final Bus bus;
  private final LogView log;
  private final Rosters rosters;
  private final Epochs epochs;

  /// Keeps rosters of at most so many users, and the epochs of at most so many conversations.
  public Placement(Bus bus, LogView log, int rosterUidsMax, int conversationsMax) {
    this.bus = bus;
    this.log = log;
    this.rosters = new Rosters(call -> bus.ask(Calls.ROSTER, call), rosterUidsMax);
    this.epochs = new Epochs(conversationsMax);
  }

  /// Named is the epoch that the client named, or 0.
  public Future<Placed> place(ByteString conversation, ByteString uid, long named, long atLeast) {
    epochs.raise(conversation, atLeast);
    long guess = named != 0 ? named : epochs.guess(conversation);
    if (guess == 0) {
      return placeNow(conversation, uid, named);
    }
    return rosters.of(conversation, guess)
        .compose(roster -> roster.has(uid)
            ? Future.succeededFuture(roster.placed(guess))
            // The guess may be older than this user's membership.
            : placeNow(conversation, uid, named));
  }

  public Future<AppendReply> append(AppendCall call) {
    return bus.ask(Calls.APPEND, call).compose(reply -> switch (reply.getOutcomeCase()) {
      case SENT -> {
        epochs.raise(call.getConversationId(), reply.getSent().getEpoch());
        yield Future.succeededFuture(reply);
      }
      case REFUSAL -> reply.getRefusal().getCurrentEpoch() == 0
          ? Future.succeededFuture(reply)
          : moved(call, reply, reply.getRefusal().getCurrentEpoch());
      case OUTCOME_NOT_SET -> Future.failedFuture("an answer without an outcome");
    });
  }

  /// Who is no longer a member learns nothing of the epochs after. The roster of an encrypted conversation's closed
  /// epoch still has those whose removal closed it: about them only the key service knows.
  private Future<AppendReply> moved(AppendCall call, AppendReply reply, long current) {
    epochs.raise(call.getConversationId(), current);
    return rosters.of(call.getConversationId(), current)
        .compose(roster -> roster.open() && roster.has(call.getUid())
            ? Future.succeededFuture(reply)
            : log.standing(call.getUid(), call.getConversationId()).map(standing -> switch (standing) {
              case Standing.Member _ -> reply;
              case Standing.Refused(var code) -> AppendReply.newBuilder().setRefusal(code.refusal()).build();
            }));
  }

  private Future<Placed> placeNow(ByteString conversation, ByteString uid, long named) {
    return log.standing(uid, conversation).compose(standing -> switch (standing) {
      case Standing.Refused(var code) -> Future.succeededFuture(new Placed.Out(code, 0));
      case Standing.Member(var membership) -> {
        long current = membership.getEpoch();
        epochs.raise(conversation, current);
        if (named != 0 && named != current) {
          yield Future.succeededFuture(new Placed.Out(ErrorCode.STALE_EPOCH, current));
        }
        yield rosters.of(conversation, current)
            .map(roster -> roster.has(uid) ? roster.placed(current) : new Placed.Out(ErrorCode.NOT_A_MEMBER, 0));
      }
    });
  }
}
