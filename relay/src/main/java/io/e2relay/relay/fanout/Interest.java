// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Which event loops have subscribers of a conversation, and which subprotocols those use. The one thing that the
/// loops of a node share; a bit set in it is never changed, only replaced.
final class Interest {
  private static final int WAYS = Subprotocol.values().length;

  private final Map<ByteString, BitSet> bits = new ConcurrentHashMap<>();

  void add(ByteString conversation, int loop, Subprotocol subprotocol) {
    bits.compute(conversation, (_, old) -> with(old == null ? new BitSet() : old, loop, subprotocol, true));
  }

  void remove(ByteString conversation, int loop, Subprotocol subprotocol) {
    bits.computeIfPresent(conversation, (_, old) -> {
      BitSet left = with(old, loop, subprotocol, false);
      return left.isEmpty() ? null : left;
    });
  }

  boolean any(ByteString conversation) {
    return bits.containsKey(conversation);
  }

  boolean has(ByteString conversation, int loop) {
    BitSet set = bits.get(conversation);
    int next = set == null ? -1 : set.nextSetBit(loop * WAYS);
    return next >= 0 && next < (loop + 1) * WAYS;
  }

  Set<Subprotocol> subprotocols(ByteString conversation) {
    Set<Subprotocol> used = EnumSet.noneOf(Subprotocol.class);
    BitSet set = bits.get(conversation);
    if (set != null) {
      set.stream().forEach(bit -> used.add(Subprotocol.values()[bit % WAYS]));
    }
    return used;
  }

  int conversations() {
    return bits.size();
  }

  private static BitSet with(BitSet old, int loop, Subprotocol subprotocol, boolean on) {
    BitSet copy = (BitSet) old.clone();
    copy.set(loop * WAYS + subprotocol.ordinal(), on);
    return copy;
  }
}
