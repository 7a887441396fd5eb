// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

/// Whether a request comes too fast, and whether the client ignores being told so.
final class RateRule {
  private final TokenBucket bucket;
  private final int refusedMax;
  private long windowStartMs;
  private int refused;

  RateRule(SessionLimits limits, long nowMs) {
    this.bucket = new TokenBucket(limits.requestsPerSecond(), limits.requestBurst(), nowMs);
    this.refusedMax = limits.requestBurst() * SessionLimits.REFUSED_BURSTS_MAX;
    this.windowStartMs = nowMs;
  }

  boolean take(long nowMs) {
    return bucket.take(nowMs);
  }

  int waitMs() {
    return bucket.waitMs();
  }

  /// Counts a refusal; true when there were too many of them in the window.
  boolean isDeaf(long nowMs) {
    if (nowMs - windowStartMs > SessionLimits.REFUSED_WINDOW_MS) {
      windowStartMs = nowMs;
      refused = 0;
    }
    return ++refused >= refusedMax;
  }
}
