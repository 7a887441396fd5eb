// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

/// How fast requests may come: so many per second, and so many at once.
final class TokenBucket {
  private final int perSecond;
  private final int burst;
  private double level;
  private long lastMs;

  TokenBucket(int perSecond, int burst, long nowMs) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.level = burst;
    this.lastMs = nowMs;
  }

  boolean take(long nowMs) {
    // A clock that was set back must not take the level down.
    long passed = Math.max(0, nowMs - lastMs);
    lastMs = nowMs;
    level = Math.min(burst, level + passed * perSecond / 1000.0);
    if (level < 1) {
      return false;
    }
    level -= 1;
    return true;
  }

  /// Milliseconds until the next request will be taken.
  int waitMs() {
    return Math.max(1, (int) Math.ceil((1 - level) * 1000 / perSecond));
  }
}
