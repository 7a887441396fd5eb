// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.time.Duration;

/// When a device does by itself what some device has to do: within which time it opens a closed epoch, how often it
/// asks for work, after how long and how many messages a key is old, and how often at most it tells the user's other
/// devices how far conversations have come.
public record Timing(Duration rotateWithin, Duration jobsEvery, Duration keyAge, long keyMessages,
    Duration headsEvery) {
  public static final Timing NORMAL = new Timing(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofDays(7),
      10_000, Duration.ofDays(1));
}
