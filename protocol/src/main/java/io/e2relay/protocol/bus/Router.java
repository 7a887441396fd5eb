// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.ByteString;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Which node is asked, where the role is not on this one.
///
/// The messages of a conversation go to one store, for two would overtake each other; and while some are on their way
/// they stay with that store, whatever the list says meanwhile.
final class Router {
  private record Way(Peer store, int underWay) {
  }

  private final Supplier<List<Peer>> audible;
  private final Map<ByteString, Way> ways = new ConcurrentHashMap<>();
  private final AtomicInteger turn = new AtomicInteger();

  /// @param audible the listed nodes that were heard of lately
  Router(Supplier<List<Peer>> audible) {
    this.audible = audible;
  }

  /// In turn, one that plays the role; null where there is none.
  @Nullable
  Peer any(Role role) {
    List<Peer> players = players(role);
    return players.isEmpty() ? null : players.get(Math.floorMod(turn.getAndIncrement(), players.size()));
  }

  /// The store of this conversation, until it is released as often; null where there is none now.
  @Nullable
  Peer hold(ByteString conversation) {
    List<Peer> stores = players(Role.STORE);
    Way way = ways.compute(conversation, (_, held) -> {
      if (held != null) {
        return new Way(held.store(), held.underWay() + 1);
      }
      return stores.stream().max(Comparator.comparingLong(store -> weight(conversation, store)))
          .map(store -> new Way(store, 1)).orElse(null);
    });
    if (way == null) {
      return null;
    }
    if (!stores.contains(way.store())) {
      // Nobody knows what became of those on their way there, so none may go anywhere else yet.
      release(conversation);
      return null;
    }
    return way.store();
  }

  void release(ByteString conversation) {
    ways.computeIfPresent(conversation,
        (_, held) -> held.underWay() == 1 ? null : new Way(held.store(), held.underWay() - 1));
  }

  int held() {
    return ways.size();
  }

  private List<Peer> players(Role role) {
    return audible.get().stream().filter(peer -> peer.plays(role)).toList();
  }

  /// The highest has it: when a store comes or goes, only its own conversations move.
  private static long weight(ByteString conversation, Peer store) {
    long mixed = ((long) conversation.hashCode() << 32) ^ store.node().hashCode();
    mixed = (mixed ^ (mixed >>> 33)) * 0xff51afd7ed558ccdL;
    mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return mixed ^ (mixed >>> 33);
  }
}
