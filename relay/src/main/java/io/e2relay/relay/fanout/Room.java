// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The subscriptions of one conversation on one event loop.
final class Room {
  final ByteString conversation;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final Map<Subprotocol, Integer> users = new EnumMap<>(Subprotocol.class);

  Room(ByteString conversation) {
    this.conversation = conversation;
  }

  /// True when it is the first that uses this subprotocol here.
  boolean add(Subscription subscription) {
    subscription.place = subscriptions.size();
    subscriptions.add(subscription);
    return users.merge(subscription.subprotocol(), 1, Integer::sum) == 1;
  }

  /// True when it was the last that used this subprotocol here.
  boolean remove(Subscription subscription) {
    // The last one takes its place: rooms are large and their order means nothing.
    Subscription last = subscriptions.removeLast();
    if (last != subscription) {
      subscriptions.set(subscription.place, last);
      last.place = subscription.place;
    }
    return users.merge(subscription.subprotocol(), -1, Integer::sum) == 0;
  }

  boolean isEmpty() {
    return subscriptions.isEmpty();
  }

  List<Subscription> subscriptions() {
    return subscriptions;
  }
}
