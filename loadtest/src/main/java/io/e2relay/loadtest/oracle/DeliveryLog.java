// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.oracle;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.MsgId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A record of one run, written by senders and receivers on any thread, and the judgement over it.
public final class DeliveryLog {
  private final Map<MsgId, ConversationId> attempted = new HashMap<>();
  private final Map<MsgId, Long> acknowledged = new HashMap<>();
  private final Map<String, List<Sighting>> sightings = new HashMap<>();
  private final Map<ConversationId, Set<String>> receivers = new HashMap<>();

  private record Sighting(ConversationId conversation, long seq, MsgId message) {
  }

  /// This receiver is to see every message of the conversation.
  public synchronized void expects(String receiver, ConversationId conversation) {
    receivers.computeIfAbsent(conversation, _ -> new HashSet<>()).add(receiver);
    sightings.computeIfAbsent(receiver, _ -> new ArrayList<>());
  }

  /// A send begins: from here on the message may be stored, whatever the sender learns of it.
  public synchronized void attempted(MsgId message, ConversationId conversation) {
    attempted.put(message, conversation);
  }

  /// The service said that the message is durable, at this place.
  public synchronized void acknowledged(MsgId message, long seq) {
    acknowledged.put(message, seq);
  }

  /// A receiver saw a message.
  public synchronized void received(String receiver, ConversationId conversation, long seq, MsgId message) {
    sightings.computeIfAbsent(receiver, _ -> new ArrayList<>()).add(new Sighting(conversation, seq, message));
  }

  /// How many of the acknowledged messages some receiver has still to see.
  public synchronized long outstanding() {
    return verdict().lost();
  }

  /// What was acknowledged so far, and where.
  public synchronized Map<MsgId, Long> acknowledged() {
    return Map.copyOf(acknowledged);
  }

  public synchronized DeliveryVerdict verdict() {
    long delivered = 0;
    long duplicated = 0;
    long outOfOrder = 0;
    long unexpected = 0;
    Map<String, Set<MsgId>> seen = new HashMap<>();
    for (Map.Entry<String, List<Sighting>> one : sightings.entrySet()) {
      Set<MsgId> known = seen.computeIfAbsent(one.getKey(), _ -> new HashSet<>());
      Map<ConversationId, Long> last = new HashMap<>();
      for (Sighting sighting : one.getValue()) {
        delivered++;
        duplicated += known.add(sighting.message()) ? 0 : 1;
        outOfOrder += sighting.seq() <= last.getOrDefault(sighting.conversation(), 0L) ? 1 : 0;
        last.merge(sighting.conversation(), sighting.seq(), Math::max);
        unexpected += asSent(sighting) && isReceiver(one.getKey(), sighting.conversation()) ? 0 : 1;
      }
    }
    return new DeliveryVerdict(attempted.size(), acknowledged.size(), delivered, lost(seen), duplicated, outOfOrder,
        unexpected);
  }

  /// Was attempted in this conversation and, where it was acknowledged, has the place it was acknowledged with.
  private boolean asSent(Sighting sighting) {
    return sighting.conversation().equals(attempted.get(sighting.message()))
        && acknowledged.getOrDefault(sighting.message(), sighting.seq()) == sighting.seq();
  }

  private boolean isReceiver(String receiver, ConversationId conversation) {
    return receivers.getOrDefault(conversation, Set.of()).contains(receiver);
  }

  private long lost(Map<String, Set<MsgId>> seen) {
    long lost = 0;
    for (MsgId message : acknowledged.keySet()) {
      ConversationId conversation = attempted.get(message);
      for (String receiver : conversation == null ? Set.<String>of() : receivers.getOrDefault(conversation, Set.of())) {
        lost += seen.getOrDefault(receiver, Set.of()).contains(message) ? 0 : 1;
      }
    }
    return lost;
  }
}
