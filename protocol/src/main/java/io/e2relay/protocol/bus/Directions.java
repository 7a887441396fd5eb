// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.Head;
import io.e2relay.protocol.wire.Entry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What was committed, on its way to those nodes only that have listeners. Belongs to one event loop.
///
/// News wait for the directory together and in order, and not at all while it is ill: then everybody is told, as where
/// nodes are few, and the directory is tried beside that.
final class Directions {
  static final int WAITING_MAX = 1_000;
  static final int KNOWN_MAX = 10_000;
  static final int ASKED_MAX = 500;
  private static final Duration ILL = Duration.ofSeconds(1);

  private record Part(ByteString conversation, CommittedHint hint) {
  }

  /// Whoever came after the question is told too.
  private record Listeners(Set<String> asked, Set<String> told, long untilNanos) implements Predicate<Peer> {
    @Override
    public boolean test(Peer peer) {
      return told.contains(peer.id()) || !asked.contains(peer.id());
    }
  }

  private final Function<Set<ByteString>, Future<Map<ByteString, Set<String>>>> directory;
  private final Neighbours neighbours;
  private final BiConsumer<CommittedHint, Predicate<Peer>> way;
  private final LinkEvents events;
  private final Deque<Part> waiting = new ArrayDeque<>();
  private final Map<ByteString, Listeners> known = new LinkedHashMap<>();
  private boolean asking;
  private boolean ill;
  private long askAgainNanos;

  /// @param directory answers in a moment or fails, on the event loop that this belongs to
  Directions(Function<Set<ByteString>, Future<Map<ByteString, Set<String>>>> directory, Neighbours neighbours,
      BiConsumer<CommittedHint, Predicate<Peer>> way, LinkEvents events) {
    this.directory = directory;
    this.neighbours = neighbours;
    this.way = way;
    this.events = events;
  }

  void tell(CommittedHint hint, long nowNanos) {
    Collection<Part> parts = parts(hint);
    if (!ill) {
      waiting.addAll(parts);
      drain(nowNanos);
      return;
    }
    parts.forEach(this::tellEverybody);
    if (!asking && nowNanos - askAgainNanos >= 0) {
      ask(parts.stream().map(Part::conversation).limit(ASKED_MAX).collect(Collectors.toSet()), nowNanos);
    }
  }

  int waiting() {
    return waiting.size();
  }

  private void drain(long nowNanos) {
    for (Part next = waiting.peek(); next != null; next = waiting.peek()) {
      Listeners listeners = listeners(next.conversation(), nowNanos);
      if (listeners == null) {
        break;
      }
      waiting.remove();
      way.accept(next.hint(), listeners);
    }
    if (waiting.size() > WAITING_MAX) {
      tellEverybody();
    } else if (!waiting.isEmpty() && !asking) {
      ask(waiting.stream().map(Part::conversation).filter(conversation -> listeners(conversation, nowNanos) == null)
          .distinct().limit(ASKED_MAX).collect(Collectors.toSet()), nowNanos);
    }
  }

  private void ask(Set<ByteString> conversations, long nowNanos) {
    asking = true;
    Set<String> asked = neighbours.listed().stream().map(Peer::id).collect(Collectors.toUnmodifiableSet());
    directory.apply(conversations).onComplete(answer -> {
      asking = false;
      ill = false;
      for (ByteString conversation : conversations) {
        known.remove(conversation);
        known.put(conversation,
            new Listeners(asked, answer.getOrDefault(conversation, asked), nowNanos + Targets.KNOWN.toNanos()));
      }
      forget();
      drain(nowNanos);
    }, _ -> {
      asking = false;
      ill = true;
      askAgainNanos = nowNanos + ILL.toNanos();
      events.lost();
      tellEverybody();
    });
  }

  private void tellEverybody() {
    for (Part part = waiting.poll(); part != null; part = waiting.poll()) {
      tellEverybody(part);
    }
  }

  private void tellEverybody(Part part) {
    way.accept(part.hint(), _ -> true);
  }

  private @Nullable Listeners listeners(ByteString conversation, long nowNanos) {
    Listeners listeners = known.get(conversation);
    return listeners == null || nowNanos - listeners.untilNanos() >= 0 ? null : listeners;
  }

  private void forget() {
    var oldest = known.keySet().iterator();
    while (known.size() > KNOWN_MAX) {
      oldest.next();
      oldest.remove();
    }
  }

  /// What belongs to one conversation goes one way.
  private static Collection<Part> parts(CommittedHint hint) {
    Map<ByteString, CommittedHint.Builder> parts = new LinkedHashMap<>();
    for (Entry entry : hint.getEntriesList()) {
      ByteString conversation = Parcel.head(entry).getConversationId();
      parts.computeIfAbsent(conversation, _ -> CommittedHint.newBuilder()).addEntries(entry);
    }
    for (Head head : hint.getHeadsList()) {
      parts.computeIfAbsent(head.getConversationId(), _ -> CommittedHint.newBuilder()).addHeads(head);
    }
    Set<Part> split = new LinkedHashSet<>();
    parts.forEach((conversation, part) -> split.add(new Part(conversation, part.build())));
    return split;
  }
}
