// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.Message;
import io.e2relay.protocol.bus.wire.News;
import io.e2relay.protocol.bus.wire.NewsBatch;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/// The other nodes: the news to each and from each, and whether any of it was lost. Belongs to one event loop; only
/// who is there may be asked from anywhere.
final class Neighbours {
  static final Duration SILENT = Duration.ofSeconds(2);
  static final Duration GONE = Duration.ofSeconds(30);

  private final Peer self;
  private final BiFunction<Peer, NewsBatch, Future<?>> post;
  private final Runnable missed;
  private final LinkEvents events;
  private final Map<Peer, LinkOut> out = new HashMap<>();
  private final Map<String, LinkIn> in = new HashMap<>();
  // When they were last listed.
  private final Map<String, Long> gone = new HashMap<>();
  private final Set<LinkOut> waiting = new HashSet<>();
  private volatile List<Peer> listed = List.of();
  private volatile List<Peer> audible = List.of();

  /// @param missed called when something may have been lost
  Neighbours(Peer self, BiFunction<Peer, NewsBatch, Future<?>> post, Runnable missed, LinkEvents events) {
    this.self = self;
    this.post = post;
    this.missed = missed;
    this.events = events;
  }

  List<Peer> listed() {
    return listed;
  }

  /// Those of them from whom something was heard lately; on a node to which nobody speaks, all of them.
  List<Peer> audible() {
    return audible;
  }

  void list(List<Peer> nodes, long nowNanos) {
    List<Peer> others = nodes.stream().filter(peer -> !peer.node().equals(self.node())).toList();
    Set<String> names = new HashSet<>();
    for (Peer peer : others) {
      names.add(peer.node());
      gone.remove(peer.node());
      if (listens(peer)) {
        out.computeIfAbsent(link(peer), _ -> new LinkOut(self, batch -> post.apply(peer, batch), events));
      }
      if (speaks(peer)) {
        in.computeIfAbsent(peer.node(), _ -> new LinkIn(nowNanos));
      }
    }
    for (Peer before : listed) {
      if (!names.contains(before.node())) {
        gone.put(before.node(), nowNanos);
        in.remove(before.node());
      }
    }
    Set<Peer> links = new HashSet<>();
    others.forEach(peer -> links.add(link(peer)));
    out.entrySet().removeIf(link -> {
      if (!links.contains(link.getKey())) {
        waiting.remove(link.getValue());
        link.getValue().close();
        return true;
      }
      return false;
    });
    listed = others;
    settle(nowNanos);
  }

  /// True when something waits for [#flush].
  boolean tell(String to, Message message) {
    return tell(to, message, _ -> true);
  }

  /// Only to some of them.
  boolean tell(String to, Message message, Predicate<Peer> whom) {
    List<LinkOut> links = new ArrayList<>();
    out.forEach((peer, link) -> {
      if (whom.test(peer)) {
        links.add(link);
      } else {
        events.spared();
      }
    });
    for (Message part : links.isEmpty() ? List.<Message>of() : Parcel.of(message)) {
      News news = News.newBuilder().setTo(to).setBody(part.toByteString()).build();
      for (LinkOut link : links) {
        if (link.add(news)) {
          waiting.add(link);
        }
      }
    }
    return !waiting.isEmpty();
  }

  void flush() {
    waiting.forEach(LinkOut::flush);
    waiting.clear();
  }

  void heard(NewsBatch batch, long nowNanos) {
    events.heard(batch.getNewsCount());
    boolean known = listed.stream()
        .anyMatch(peer -> peer.node().equals(batch.getNode()) && peer.incarnation() == batch.getIncarnation());
    if (!known) {
      missed(LinkEvents.Missed.UNLISTED);
      return;
    }
    LinkEvents.Missed why = in.computeIfAbsent(batch.getNode(), _ -> new LinkIn(nowNanos)).heard(batch, nowNanos);
    if (why != null) {
      missed(why);
    }
  }

  /// Once a second: a heartbeat to everybody, and a look at who is silent.
  void tick(long nowNanos) {
    out.values().forEach(LinkOut::beat);
    waiting.clear();
    settle(nowNanos);
    if (listed.size() > audible.size()) {
      missed(LinkEvents.Missed.SILENT);
    }
    gone.values().removeIf(since -> nowNanos - since > GONE.toNanos());
    if (!gone.isEmpty()) {
      missed(LinkEvents.Missed.GONE);
    }
  }

  private void settle(long nowNanos) {
    audible = listed.stream().filter(peer -> {
      LinkIn link = in.get(peer.node());
      return link == null || link.silentNanos(nowNanos) <= SILENT.toNanos();
    }).toList();
    events.peers(listed.size(), listed.size() - audible.size());
  }

  private void missed(LinkEvents.Missed why) {
    events.missed(why);
    missed.run();
  }

  /// What matters for the link to a node; a node that begins to stop plays fewer roles, and is the same.
  private static Peer link(Peer peer) {
    return new Peer(peer.node(), peer.incarnation(), Set.of());
  }

  private boolean listens(Peer peer) {
    return self.hasNews() && peer.plays(Role.RELAY);
  }

  private boolean speaks(Peer peer) {
    return self.plays(Role.RELAY) && peer.hasNews();
  }
}
