// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import java.util.random.RandomGenerator;

/// How long to wait before the next try: doubling, capped, and never in step with others.
final class Backoff {
  private static final long FIRST_MS = 100;
  private static final long MOST_MS = 10_000;

  private Backoff() {
  }

  /// Between half and the whole of the doubled wait, for the try after this many failures.
  static long delayMs(int failures, RandomGenerator random) {
    long whole = Math.min(MOST_MS, FIRST_MS << Math.min(failures, 10));
    return whole / 2 + random.nextLong(whole / 2 + 1);
  }
}
