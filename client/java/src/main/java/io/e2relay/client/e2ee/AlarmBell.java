// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Brings each alarm to the application once, in order, on a thread of its own; those from before it listens come
/// first. Of more than can be remembered the first ones are kept for the application that listens late, and nothing is
/// kept from the one that listens.
final class AlarmBell implements AutoCloseable {
  static final int REMEMBERED_MAX = 10_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final LinkedHashSet<Alarm> raised = new LinkedHashSet<>();
  private final ExecutorService ringing = Executors.newSingleThreadExecutor(Thread.ofVirtual().factory());
  private @Nullable Consumer<Alarm> handler;

  void raise(Alarm alarm) {
    locked(() -> {
      if (handler != null && raised.size() == REMEMBERED_MAX && !raised.contains(alarm)) {
        raised.removeFirst();
      }
      if (raised.size() < REMEMBERED_MAX && raised.add(alarm)) {
        ring(alarm);
      }
    });
  }

  void handler(Consumer<Alarm> chosen) {
    locked(() -> {
      handler = chosen;
      raised.forEach(this::ring);
    });
  }

  /// It is settled: the next of its kind rings again.
  void forget(Alarm alarm) {
    locked(() -> raised.remove(alarm));
  }

  List<Alarm> raised() {
    List<Alarm> all = new ArrayList<>();
    locked(() -> all.addAll(raised));
    return all;
  }

  @Override
  public void close() {
    ringing.shutdown();
  }

  private void ring(Alarm alarm) {
    Consumer<Alarm> current = handler;
    if (current != null && !ringing.isShutdown()) {
      ringing.execute(() -> current.accept(alarm));
    }
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }
}
