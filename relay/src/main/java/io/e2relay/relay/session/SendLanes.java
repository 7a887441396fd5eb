// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.wire.Send;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The lanes of one connection: conversations do not wait for each other.
final class SendLanes {
  private final Identity sender;
  private final Map<ByteString, SendLane> lanes = new HashMap<>();
  private final Map<Long, ByteString> conversationOf = new HashMap<>();
  // Of the conversations in which nothing is under way, the ones used last.
  private final LinkedHashMap<ByteString, DeviceOrder> orders;

  SendLanes(Identity sender, int ordersMax) {
    this.sender = sender;
    this.orders = new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<ByteString, DeviceOrder> eldest) {
        return size() > ordersMax;
      }
    };
  }

  int pending() {
    return conversationOf.size();
  }

  int orders() {
    return orders.size();
  }

  List<Effect> offer(long id, Send send) {
    conversationOf.put(id, send.getConversationId());
    return in(send.getConversationId(), lanes.computeIfAbsent(send.getConversationId(), this::lane),
        lane -> lane.offer(id, send));
  }

  /// Refused before it came to a lane: what follows it must not overtake.
  void passedOver(Send send) {
    ByteString conversation = send.getConversationId();
    in(conversation, lanes.computeIfAbsent(conversation, this::lane), lane -> {
      lane.passedOver(send);
      return List.of();
    });
  }

  List<Effect> placed(ByteString conversation, Placed placed) {
    return in(conversation, lane -> lane.placed(placed));
  }

  List<Effect> placeFailed(ByteString conversation) {
    return in(conversation, SendLane::placeFailed);
  }

  List<Effect> appended(long id, AppendReply reply) {
    return in(id, lane -> lane.appended(id, reply));
  }

  List<Effect> appendFailed(long id) {
    return in(id, lane -> lane.appendFailed(id));
  }

  List<Effect> forged(long id) {
    return in(id, lane -> lane.forged(id));
  }

  private SendLane lane(ByteString conversation) {
    DeviceOrder order = orders.remove(conversation);
    return new SendLane(conversation, sender, order == null ? new DeviceOrder() : order);
  }

  private List<Effect> in(long id, Function<SendLane, List<Effect>> step) {
    ByteString conversation = conversationOf.get(id);
    return conversation == null ? List.of() : in(conversation, step);
  }

  private List<Effect> in(ByteString conversation, Function<SendLane, List<Effect>> step) {
    SendLane lane = lanes.get(conversation);
    return lane == null ? List.of() : in(conversation, lane, step);
  }

  private List<Effect> in(ByteString conversation, SendLane lane, Function<SendLane, List<Effect>> step) {
    List<Effect> effects = step.apply(lane);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Reply(var frame)) {
        conversationOf.remove(frame.getReplyTo());
      }
    }
    if (lane.size() == 0) {
      lanes.remove(conversation);
      if (lane.order().begun()) {
        orders.put(conversation, lane.order());
      }
    }
    return effects;
  }
}
