// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.AccountChanged;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ConversationChanged;
import io.e2relay.protocol.wire.Draining;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.MemberReady;
import io.e2relay.protocol.wire.MemberRemoved;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.WrapJobsWaiting;

/// The frames that are made in more than one place.
public final class Frames {
  private Frames() {
  }

  public static ServerFrame removed(ByteString conversation) {
    return ServerFrame.newBuilder().setMemberRemoved(MemberRemoved.newBuilder().setConversationId(conversation))
        .build();
  }

  public static ServerFrame changed(ByteString conversation, long userVersion) {
    return ServerFrame.newBuilder().setConversationChanged(
        ConversationChanged.newBuilder().setConversationId(conversation).setUserVersion(userVersion)).build();
  }

  static ServerFrame accountChanged(ByteString uid, long seq) {
    return ServerFrame.newBuilder().setAccountChanged(AccountChanged.newBuilder().setUid(uid).setLastSeq(seq)).build();
  }

  static ServerFrame memberReady(ByteString conversation, long epoch) {
    return ServerFrame.newBuilder()
        .setMemberReady(MemberReady.newBuilder().setConversationId(conversation).setEpoch(epoch)).build();
  }

  static ServerFrame jobsWaiting(ByteString conversation) {
    return ServerFrame.newBuilder().setWrapJobsWaiting(WrapJobsWaiting.newBuilder().setConversationId(conversation))
        .build();
  }

  public static ServerFrame draining(int spreadMs) {
    return ServerFrame.newBuilder().setDraining(Draining.newBuilder().setSpreadMs(spreadMs)).build();
  }

  public static Error error(ErrorCode code) {
    return error(code, retryAfter(code), 0);
  }

  static Error error(Refusal refusal) {
    ErrorCode code = ErrorCode.of(refusal);
    int retryAfterMs = refusal.getRetryAfterMs() == 0 ? retryAfter(code) : refusal.getRetryAfterMs();
    return error(code, retryAfterMs, refusal.getCurrentEpoch()).toBuilder().setFault(refusal.getFault())
        .addAllUids(refusal.getUidsList()).build();
  }

  static Error error(ErrorCode code, int retryAfterMs, long currentEpoch) {
    return Error.newBuilder().setCode(code.number()).setName(code.name()).setAdvice(code.advice())
        .setMessage(code.meaning()).setRetryAfterMs(retryAfterMs).setCurrentEpoch(currentEpoch).build();
  }

  static ServerFrame reply(long id, Error error) {
    return ServerFrame.newBuilder().setReplyTo(id).setError(error).build();
  }

  private static int retryAfter(ErrorCode code) {
    return code.advice() == Advice.ADVICE_RETRY ? SessionLimits.RETRY_AFTER_MS : 0;
  }
}
