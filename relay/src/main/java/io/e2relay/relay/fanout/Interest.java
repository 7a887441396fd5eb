// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Which event loops have subscribers of a conversation, and which subprotocols those use. The one thing that the
/// loops of a node share; a set in it is never changed, only replaced.
final class Interest {
  private record Ear(int loop, Subprotocol subprotocol) {
  }

  private final Map<ByteString, Set<Ear>> ears = new ConcurrentHashMap<>();
  private volatile Hearing hearing = Hearing.NOTHING;

  /// Before there is anybody.
  void tell(Hearing whom) {
    hearing = whom;
  }

  void add(ByteString conversation, int loop, Subprotocol subprotocol) {
    ears.compute(conversation, (_, old) -> {
      if (old == null) {
        hearing.first(conversation);
      }
      Set<Ear> more = old == null ? new HashSet<>() : new HashSet<>(old);
      more.add(new Ear(loop, subprotocol));
      return Set.copyOf(more);
    });
  }

  void remove(ByteString conversation, int loop, Subprotocol subprotocol) {
    ears.computeIfPresent(conversation, (_, old) -> {
      Set<Ear> left = new HashSet<>(old);
      left.remove(new Ear(loop, subprotocol));
      if (left.isEmpty()) {
        hearing.last(conversation);
        return null;
      }
      return Set.copyOf(left);
    });
  }

  boolean any(ByteString conversation) {
    return ears.containsKey(conversation);
  }

  boolean has(ByteString conversation, int loop) {
    for (Ear ear : ears.getOrDefault(conversation, Set.of())) {
      if (ear.loop() == loop) {
        return true;
      }
    }
    return false;
  }

  Set<Subprotocol> subprotocols(ByteString conversation) {
    Set<Subprotocol> used = EnumSet.noneOf(Subprotocol.class);
    ears.getOrDefault(conversation, Set.of()).forEach(ear -> used.add(ear.subprotocol()));
    return used;
  }

  int conversations() {
    return ears.size();
  }
}
