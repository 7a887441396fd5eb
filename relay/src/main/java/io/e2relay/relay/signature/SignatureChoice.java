// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.signature;

import java.util.random.RandomGenerator;

/// Which messages' signatures are looked at before they are stored. Whoever opens a message looks at it anyway; the
/// service does it to keep what is forged out of the log.
public enum SignatureChoice {
  OFF, SAMPLED, ALL;

  private static final int ONE_IN = 16;

  boolean falls(RandomGenerator random) {
    return switch (this) {
      case OFF -> false;
      case SAMPLED -> random.nextInt(ONE_IN) == 0;
      case ALL -> true;
    };
  }
}
