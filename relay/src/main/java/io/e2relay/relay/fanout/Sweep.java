// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// Compares what is true with what was seen here: every so often, and soon after something could not be reached, until
/// it can be again. What hints lose, this finds; it never asks about time.
///
/// @param <T> what is true of one of them
final class Sweep<T> {
  private static final int BATCH = 256;

  private final Function<List<ByteString>, Future<Map<ByteString, T>>> ask;
  private final long everyMs;
  private final long soonMs;
  private final BiConsumer<List<ByteString>, Map<ByteString, T>> compare;
  private long nextMs;
  private boolean troubled;
  private boolean running;

  /// Compare gets each batch with what was found.
  Sweep(Function<List<ByteString>, Future<Map<ByteString, T>>> ask, long everyMs, long soonMs,
      BiConsumer<List<ByteString>, Map<ByteString, T>> compare) {
    this.ask = ask;
    this.everyMs = everyMs;
    this.soonMs = soonMs;
    this.compare = compare;
  }

  void trouble() {
    troubled = true;
  }

  void tick(long nowMs, Collection<ByteString> all) {
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
    if (!all.isEmpty()) {
      running = true;
      batch(List.copyOf(all), 0);
    }
  }

  private void batch(List<ByteString> all, int from) {
    if (from >= all.size()) {
      running = false;
      return;
    }
    List<ByteString> batch = new ArrayList<>(all.subList(from, Math.min(all.size(), from + BATCH)));
    ask.apply(batch).onComplete(found -> {
      compare.accept(batch, found);
      batch(all, from + BATCH);
    }, _ -> {
      running = false;
      troubled = true;
    });
  }
}
