// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import io.e2relay.protocol.wire.Limits;
import java.time.Duration;

/// What one connection may ask for.
public record SessionLimits(int helloBytes, int frameBytes, int bodyBytes, int requestsPerSecond, int requestBurst,
    int requestsInFlight, int subscriptions, int members, int pageEntries, int listEntries, Duration helloWithin,
    Duration pingInterval) {
  // Three frames that are none are enough to know that the other side does not speak this protocol.
  static final int MALFORMED_MAX = 3;
  // Each Hello costs a signature check.
  static final int HELLO_MAX = 5;
  // Who is refused this many bursts within the window does not listen to TOO_FAST.
  static final int REFUSED_BURSTS_MAX = 10;
  static final long REFUSED_WINDOW_MS = 10_000;
  static final int RETRY_AFTER_MS = 1_000;

  /// What a client asks for, as far as it may; 0 means the limit.
  static int capped(int asked, int limit) {
    return asked <= 0 ? limit : Math.min(asked, limit);
  }

  Limits toWire() {
    return Limits.newBuilder().setFrameBytes(frameBytes).setBodyBytes(bodyBytes).setRequestsPerSecond(requestsPerSecond)
        .setRequestsInFlight(requestsInFlight).setSubscriptions(subscriptions).setMembers(members)
        .setPageEntries(pageEntries).setPingIntervalMs((int) pingInterval.toMillis()).build();
  }
}
