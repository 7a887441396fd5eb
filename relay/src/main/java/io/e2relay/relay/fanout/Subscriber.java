// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// One connection of a user, with its subscriptions.
public final class Subscriber {
  final ByteString uid;
  final Outlet outlet;
  final Map<ByteString, Subscription> subscriptions = new HashMap<>();
  // Reads that wait because this connection already has its share of them under way.
  final Deque<Subscription> waiting = new ArrayDeque<>();
  int reading;

  Subscriber(ByteString uid, Outlet outlet) {
    this.uid = uid;
    this.outlet = outlet;
  }

  public Uid uid() {
    return new Uid(uid);
  }
}
