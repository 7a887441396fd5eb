// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.security.SecureRandom;

/// So many tries and no more, each after a longer wait, and never in step with others.
final class Patience {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int TRIES_MAX = 24;
  private static final long FIRST_MS = 20;
  private static final long MOST_MS = 2_000;

  private int tries;

  /// Waits before the next try; this was the last one if it says no.
  boolean again() {
    if (++tries >= TRIES_MAX) {
      return false;
    }
    long whole = Math.min(MOST_MS, FIRST_MS << Math.min(tries, 10));
    return slept(whole / 2 + RANDOM.nextLong(whole / 2 + 1));
  }

  /// Waits for some time up to this.
  static boolean upTo(long ms) {
    return slept(ms <= 0 ? 0 : RANDOM.nextLong(ms));
  }

  private static boolean slept(long ms) {
    try {
      Thread.sleep(ms);
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
