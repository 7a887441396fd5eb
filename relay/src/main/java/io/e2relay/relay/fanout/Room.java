// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import java.util.ArrayList;
import java.util.List;

/// The subscriptions of one conversation on one event loop.
final class Room {
  final ByteString conversation;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final int[] users = new int[Subprotocol.values().length];

  Room(ByteString conversation) {
    this.conversation = conversation;
  }

  /// True when it is the first that uses this subprotocol here.
  boolean add(Subscription subscription) {
    subscription.place = subscriptions.size();
    subscriptions.add(subscription);
    return users[subscription.subprotocol().ordinal()]++ == 0;
  }

  /// True when it was the last that used this subprotocol here.
  boolean remove(Subscription subscription) {
    // The last one takes its place: rooms are large and their order means nothing.
    Subscription last = subscriptions.removeLast();
    if (last != subscription) {
      subscriptions.set(subscription.place, last);
      last.place = subscription.place;
    }
    return --users[subscription.subprotocol().ordinal()] == 0;
  }

  boolean isEmpty() {
    return subscriptions.isEmpty();
  }

  List<Subscription> subscriptions() {
    return subscriptions;
  }
}
