// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/// Compares the log's heads with what was seen here: every so often, and soon after something could not be reached,
/// until it can be again. What hints lose, this finds; it never asks about time.
final class Sweep {
  private static final int BATCH = 256;

  private final LogView log;
  private final long everyMs;
  private final long soonMs;
  private final BiConsumer<List<ByteString>, Map<ByteString, Long>> compare;
  private long nextMs;
  private boolean troubled;
  private boolean running;

  /// Compare gets each batch of conversations with those heads that exist.
  Sweep(LogView log, long everyMs, long soonMs, BiConsumer<List<ByteString>, Map<ByteString, Long>> compare) {
    this.log = log;
    this.everyMs = everyMs;
    this.soonMs = soonMs;
    this.compare = compare;
  }

  void trouble() {
    troubled = true;
  }

  void tick(long nowMs, Collection<ByteString> conversations) {
    if (nextMs == 0) {
      nextMs = nowMs + everyMs;
    }
    if (troubled) {
      nextMs = Math.min(nextMs, nowMs + soonMs);
    }
    if (running || nowMs < nextMs) {
      return;
    }
    nextMs = nowMs + everyMs;
    troubled = false;
    if (!conversations.isEmpty()) {
      running = true;
      batch(List.copyOf(conversations), 0);
    }
  }

  private void batch(List<ByteString> all, int from) {
    if (from >= all.size()) {
      running = false;
      return;
    }
    List<ByteString> batch = new ArrayList<>(all.subList(from, Math.min(all.size(), from + BATCH)));
    log.heads(batch).onComplete(heads -> {
      compare.accept(batch, heads);
      batch(all, from + BATCH);
    }, _ -> {
      running = false;
      troubled = true;
    });
  }
}
