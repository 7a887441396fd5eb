// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/// Loses some of the batches of news on their way between nodes. What is sent on the bus is frames, each with its
/// length before it; whole ones are lost, as where a queue overflows.
final class Sieve {
  // The address comes early in a frame.
  private static final int ADDRESS_WITHIN = 512;
  private static final String NEWS = "node.news.";

  private final AtomicInteger batches = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private volatile int every;

  /// From now on one batch of so many; none for 0.
  void lose(int oneOf) {
    every = oneOf;
  }

  int lost() {
    return lost.get();
  }

  boolean passes(byte[] frame) {
    int oneOf = every;
    String head = new String(frame, 0, Math.min(frame.length, ADDRESS_WITHIN), StandardCharsets.ISO_8859_1);
    if (oneOf == 0 || !head.contains(NEWS) || batches.incrementAndGet() % oneOf != 0) {
      return true;
    }
    lost.incrementAndGet();
    return false;
  }
}
