// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What waits to be told to Redis, in order and bounded; any thread adds, one takes.
final class Changes {
  sealed interface Change {
    record Came(Entry entry) implements Change {
    }

    record Went(Entry entry) implements Change {
    }
  }

  private final Queue<Change> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final int max;

  Changes(int max) {
    this.max = max;
  }

  /// False when the bound is reached and the change was dropped.
  boolean offer(Change change) {
    if (size.incrementAndGet() > max) {
      size.decrementAndGet();
      return false;
    }
    return queue.add(change);
  }

  @Nullable
  Change poll() {
    Change change = queue.poll();
    if (change != null) {
      size.decrementAndGet();
    }
    return change;
  }

  int size() {
    return size.get();
  }
}
