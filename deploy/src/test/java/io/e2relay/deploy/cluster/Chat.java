// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import io.e2relay.client.Client;
import io.e2relay.client.Conversation;
import io.e2relay.deploy.endtoend.Until;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// One who talks and one who listens.
final class Chat {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Conversation room;
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private int said;

  Chat(Conversation room, Client listener) {
    this.room = room;
    listener.onMessage(message -> {
      if (message.conversation().equals(room.id())) {
        heard.add(message.text());
      }
    });
  }

  /// So many messages, one after the other; all of them have come once and in order.
  void send(int messages) {
    for (int i = 0; i < messages; i++) {
      said++;
      room.send("message " + said);
    }
    Until.holds(PATIENCE, () -> "all came: " + heard, () -> heard.size() >= said);
    if (heard.size() != said || new HashSet<>(heard).size() != said || !heard.getLast().equals("message " + said)) {
      throw new AssertionError("not once and in order: " + heard);
    }
  }
}
