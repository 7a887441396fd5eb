// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.DisconnectedException;
import io.e2relay.client.RefusedException;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.record.Heads;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.SelfKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// How far the user's devices together have come in each conversation. A device that was just set up starts from there,
/// and each tells the others from time to time; what is in the list is never taken back.
final class OwnHeads implements AutoCloseable {
  private static final String WRITTEN = "account/heads/written";
  private static final long AGAIN_MS = 60_000;
  private static final Heads NONE = new Heads(List.of());
  private static final Comparator<Head> ORDER = Comparator.comparing(head -> head.conversation().bytes(),
      ByteString.unsignedLexicographicalComparator());

  private final SelfShelf shelf;
  private final Runnable refresh;
  private final Vault vault;
  private final InstantSource clock;
  private final Map<ConversationId, Head> mine = new ConcurrentHashMap<>();
  private final Semaphore moved = new Semaphore(0);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread = Thread.ofVirtual().name("e2relay-heads").unstarted(this::run);
  private volatile Duration every = Duration.ZERO;
  private volatile Map<ConversationId, Head> told = Map.of();
  private volatile boolean looked;

  /// Before the list is looked at, the account is, so that the one who wrote it is known.
  OwnHeads(SelfShelf shelf, Runnable refresh, Vault vault, InstantSource clock) {
    this.shelf = shelf;
    this.refresh = refresh;
    this.vault = vault;
    this.clock = clock;
  }

  /// From now on the others are told when a head has moved, and so often at most.
  void start(Duration chosen) {
    every = chosen;
    thread.start();
  }

  /// What no device of the user's goes back behind; the first time the service is asked.
  Optional<Head> head(ConversationId conversation) {
    if (!looked) {
      look();
    }
    return Optional.ofNullable(told.get(conversation));
  }

  /// This device has verified that.
  void verified(Head head) {
    mine.merge(head.conversation(), head, OwnHeads::higher);
    moved.release();
  }

  /// Tells the others what they do not know yet.
  void tell() {
    if (merged(told.values()).equals(List.copyOf(told.values()))) {
      return;
    }
    look();
    List<Head> known = List.copyOf(told.values());
    if (!merged(known).equals(known)) {
      shelf.change(SelfKind.HEADS, () -> new Heads(merged(stored().heads())).bytes());
      know();
      vault.write(Map.of(WRITTEN, Optional.of(Packed.number(clock.millis()))));
    }
  }

  /// The same; whether it came about.
  boolean told() {
    try {
      tell();
      return true;
    } catch (RefusedException | DisconnectedException | IllegalStateException _) {
      // Others change the same just now, or the connection broke.
      return false;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    moved.release();
  }

  private void run() {
    try {
      while (true) {
        moved.acquire();
        moved.drainPermits();
        if (closed.await(leftMs(), TimeUnit.MILLISECONDS)) {
          return;
        }
        while (!told()) {
          if (closed.await(AGAIN_MS, TimeUnit.MILLISECONDS)) {
            return;
          }
        }
      }
    } catch (InterruptedException _) {
      // Nobody interrupts it.
    }
  }

  /// Until it is time; never longer than the whole time, whatever the clock was when it was written.
  private long leftMs() {
    long ms = every.toMillis();
    long agoMs = vault.get(WRITTEN).map(Packed::number).map(written -> clock.millis() - written).orElse(ms);
    return Math.clamp(ms - agoMs, 0, ms);
  }

  private void look() {
    refresh.run();
    shelf.look(SelfKind.HEADS);
    know();
    looked = true;
  }

  private void know() {
    Map<ConversationId, Head> read = new LinkedHashMap<>();
    stored().heads().forEach(head -> read.put(head.conversation(), head));
    told = read;
  }

  private Heads stored() {
    return shelf.content(SelfKind.HEADS).map(Heads::read).map(reading -> switch (reading) {
      case Reading.Read<Heads>(Heads heads) -> heads;
      case Reading.Unreadable<Heads>(Fault fault) -> throw new IllegalStateException(fault.name());
    }).orElse(NONE);
  }

  /// What is there, each as high as this device has seen it; and where there is room, what is not.
  private List<Head> merged(Collection<Head> there) {
    Map<ConversationId, Head> all = new LinkedHashMap<>();
    there.forEach(head -> all.put(head.conversation(), higher(head, mine.getOrDefault(head.conversation(), head))));
    for (Head head : mine.values()) {
      if (all.size() < Heads.COUNT_MAX) {
        all.putIfAbsent(head.conversation(), head);
      }
    }
    return all.values().stream().sorted(ORDER).toList();
  }

  private static Head higher(Head one, Head other) {
    return other.epoch().value() > one.epoch().value() ? other : one;
  }
}
