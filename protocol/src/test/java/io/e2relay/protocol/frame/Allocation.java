// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.frame;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;

/// Measures what decoding a frame allocates, in multiples of the frame's size.
///
/// A frame smaller than the floor counts as the floor: the reader itself is an object, however little it reads.
/// A frame that seems above the bound is decoded again, because the first visit to a branch pays for loading classes.
final class Allocation {
  static final int FLOOR_BYTES = 1024;
  static final double BOUND = 20;
  private static final int TRIES = 5;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {
  }

  record Measured(Decoded decoded, double amplification) {
  }

  static Measured of(int frameBytes, Supplier<Decoded> decode) {
    double least = Double.MAX_VALUE;
    for (int tries = 0;; tries++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      Decoded decoded = decode.get();
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      least = Math.min(least, (double) allocated / Math.max(FLOOR_BYTES, frameBytes));
      if (least <= BOUND || tries == TRIES) {
        return new Measured(decoded, least);
      }
    }
  }
}
