// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

/// Whether the other side is still there: a ping every interval, and something heard before the next one.
final class Heartbeat {
  enum Beat {
    NOTHING, PING, IDLE
  }

  private final long intervalMs;
  private long nextMs;
  private boolean waiting;

  Heartbeat(long intervalMs, long nowMs) {
    this.intervalMs = intervalMs;
    this.nextMs = nowMs + intervalMs;
  }

  void heard() {
    waiting = false;
  }

  Beat tick(long nowMs) {
    if (nowMs < nextMs) {
      return Beat.NOTHING;
    }
    nextMs = nowMs + intervalMs;
    if (waiting) {
      return Beat.IDLE;
    }
    waiting = true;
    return Beat.PING;
  }
}
