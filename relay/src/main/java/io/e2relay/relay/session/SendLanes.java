// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.wire.Send;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The lanes of one connection: conversations do not wait for each other.
final class SendLanes {
  private final SendLane.Sender sender;
  private final Map<ByteString, SendLane> lanes = new HashMap<>();
  private final Map<Long, ByteString> conversationOf = new HashMap<>();

  SendLanes(SendLane.Sender sender) {
    this.sender = sender;
  }

  int pending() {
    return conversationOf.size();
  }

  List<Effect> offer(long id, Send send) {
    conversationOf.put(id, send.getConversationId());
    return lanes.computeIfAbsent(send.getConversationId(), conversation -> new SendLane(conversation, sender)).offer(id,
        send);
  }

  List<Effect> placed(ByteString conversation, Placed placed) {
    return in(conversation, lane -> lane.placed(placed));
  }

  List<Effect> placeFailed(ByteString conversation) {
    return in(conversation, SendLane::placeFailed);
  }

  List<Effect> appended(long id, AppendReply reply) {
    ByteString conversation = conversationOf.get(id);
    return conversation == null ? List.of() : in(conversation, lane -> lane.appended(id, reply));
  }

  List<Effect> appendFailed(long id) {
    ByteString conversation = conversationOf.get(id);
    return conversation == null ? List.of() : in(conversation, lane -> lane.appendFailed(id));
  }

  private List<Effect> in(ByteString conversation, Function<SendLane, List<Effect>> step) {
    SendLane lane = lanes.get(conversation);
    if (lane == null) {
      return List.of();
    }
    List<Effect> effects = step.apply(lane);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Reply(var frame)) {
        conversationOf.remove(frame.getReplyTo());
      }
    }
    if (lane.size() == 0) {
      lanes.remove(conversation);
    }
    return effects;
  }
}
