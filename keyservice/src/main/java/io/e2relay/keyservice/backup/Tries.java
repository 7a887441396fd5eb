// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import java.util.ArrayList;
import java.util.List;

/// The wrong passwords that were shown for a user's backup, whether there is one or not.
///
/// @param wrongMs when, in order; of the last ones only
/// @param lifetime all of them since the backup's id is what it is
record Tries(List<Long> wrongMs, int lifetime) {
  static final Tries NONE = new Tries(List.of(), 0);
  static final int SHORT_MAX = 5;
  static final long SHORT_MS = 15L * 60 * 1000;
  static final int DAY_MAX = 20;
  static final long DAY_MS = 24L * 60 * 60 * 1000;
  static final int LIFETIME_MAX = 100;

  /// Whether one more may be looked at.
  sealed interface Turn {
    record Free() implements Turn {
    }

    record Wait(long ms) implements Turn {
    }

    record Locked() implements Turn {
    }
  }

  Tries {
    wrongMs = List.copyOf(wrongMs);
  }

  Turn turn(long nowMs) {
    if (lifetime >= LIFETIME_MAX) {
      return new Turn.Locked();
    }
    long wait = Math.max(wait(SHORT_MAX, SHORT_MS, nowMs), wait(DAY_MAX, DAY_MS, nowMs));
    return wait > 0 ? new Turn.Wait(wait) : new Turn.Free();
  }

  /// After one that was wrong.
  Tries wrong(long nowMs) {
    List<Long> all = new ArrayList<>(wrongMs);
    // Clocks of nodes differ: what comes later counts as later.
    all.add(all.isEmpty() ? nowMs : Math.max(nowMs, all.getLast()));
    return new Tries(all.subList(Math.max(0, all.size() - DAY_MAX), all.size()), lifetime + 1);
  }

  /// After one that was right.
  Tries right() {
    return new Tries(List.of(), lifetime);
  }

  /// For another backup: what was shown for the one before says nothing about it.
  Tries renewed() {
    return new Tries(wrongMs, 0);
  }

  private long wait(int max, long windowMs, long nowMs) {
    return wrongMs.size() < max ? 0 : Math.clamp(wrongMs.get(wrongMs.size() - max) + windowMs - nowMs, 0, windowMs);
  }
}
