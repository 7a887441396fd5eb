// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.crypto;

import java.util.Arrays;
import java.util.Locale;

/// An operation beside exactly the primitives that it is made of, at the same sizes: both take turns within each round,
/// so that whatever else the machine does meets both.
record Contest(String name, Work operation, Work primitives, int turns) {
  private static final int ROUNDS = 41;
  private static final long WARM_NANOS = 1_500_000_000L;

  /// Something that takes time.
  interface Work {
    void run() throws Exception;
  }

  /// Medians over the rounds, for one turn.
  record Result(String name, double micros, double primitivesMicros, double ratio) {
    String row() {
      return String.format(Locale.ROOT, "%-22s %14.1f %14.1f %8.2f", name, micros, primitivesMicros, ratio);
    }

    String shown() {
      return String.format(Locale.ROOT, "shown: bench-crypto language=java op=%s us=%.1f primitives-us=%.1f ratio=%.2f",
          name, micros, primitivesMicros, ratio);
    }
  }

  /// Until the JDK has compiled all of it.
  void warmUp() throws Exception {
    long until = System.nanoTime() + WARM_NANOS;
    do {
      operation.run();
      primitives.run();
    } while (System.nanoTime() < until);
  }

  Result run() throws Exception {
    double[] ours = new double[ROUNDS];
    double[] bare = new double[ROUNDS];
    double[] ratios = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      // Turn by turn: a pause hits both, or one turn of many.
      long operationNanos = 0;
      long primitivesNanos = 0;
      for (int turn = 0; turn < turns; turn++) {
        operationNanos += nanos(operation);
        primitivesNanos += nanos(primitives);
      }
      ours[round] = operationNanos / 1e3 / turns;
      bare[round] = primitivesNanos / 1e3 / turns;
      ratios[round] = (double) operationNanos / primitivesNanos;
    }
    return new Result(name, median(ours), median(bare), median(ratios));
  }

  private static long nanos(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
