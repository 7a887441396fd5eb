// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.relay.session.Frames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/// One Subscribe under way: each conversation is asked about, a few at a time, and the answers keep the order.
final class Admission {
  private static final int AT_ONCE = 16;

  private final LogView log;
  private final List<Subscription> wanted;
  private final List<SubscribeResult> results;
  private final Promise<List<SubscribeResult>> done = Promise.promise();
  private int next;
  private int answered;

  private Admission(LogView log, List<Subscription> wanted) {
    this.log = log;
    this.wanted = wanted;
    this.results = new ArrayList<>(wanted.stream().map(Admission::standing).toList());
  }

  static Future<List<SubscribeResult>> of(LogView log, List<Subscription> wanted) {
    Admission admission = new Admission(log, wanted);
    if (wanted.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    for (int i = 0; i < Math.min(AT_ONCE, wanted.size()); i++) {
      admission.ask();
    }
    return admission.done.future();
  }

  private void ask() {
    int index = next++;
    Subscription subscription = wanted.get(index);
    ByteString conversation = subscription.room.conversation;
    log.standing(subscription.subscriber.uid, conversation).onComplete(standing -> {
      switch (standing) {
        case Standing.Refused(var code) -> refuse(index, code);
        // Detached, or let go, while the question was under way.
        case Standing.Member _ when subscription.isClosed() -> refuse(index, ErrorCode.NOT_A_MEMBER);
        case Standing.Member _ -> {
          // As it was made: it stands.
        }
      }
      answered();
    }, _ -> {
      refuse(index, ErrorCode.UNAVAILABLE);
      answered();
    });
  }

  private void refuse(int index, ErrorCode code) {
    results.set(index, results.get(index).toBuilder().setError(Frames.error(code)).build());
  }

  private void answered() {
    answered++;
    if (next < wanted.size()) {
      ask();
    } else if (answered == wanted.size()) {
      done.complete(List.copyOf(results));
    }
  }

  private static SubscribeResult standing(Subscription subscription) {
    return SubscribeResult.newBuilder().setConversationId(subscription.room.conversation).build();
  }
}
