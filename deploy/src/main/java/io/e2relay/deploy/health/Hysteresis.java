// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

/// A rule: down after several failures in a row, up again after one success. It begins down.
final class Hysteresis {
  private final int failuresToFall;
  private int failures;
  private boolean up;

  Hysteresis(int failuresToFall) {
    if (failuresToFall < 1) {
      throw new IllegalArgumentException("nothing falls after " + failuresToFall + " failures");
    }
    this.failuresToFall = failuresToFall;
  }

  /// Takes one more result, and says whether it is up now.
  boolean saw(boolean success) {
    if (success) {
      failures = 0;
      up = true;
    } else {
      failures = Math.min(failuresToFall, failures + 1);
      up = up && failures < failuresToFall;
    }
    return up;
  }
}
