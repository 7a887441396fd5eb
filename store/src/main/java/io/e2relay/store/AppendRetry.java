// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

/// Whether a batch that PostgreSQL refused is tried again: others were in its way, and none of it was stored.
final class AppendRetry {
  private static final int ATTEMPTS_MAX = 4;

  private AppendRetry() {
  }

  /// The rule, for the SQLSTATE of the given attempt, counted from 1.
  static boolean again(String sqlState, int attempt) {
    return switch (sqlState) {
      // Serialisation failure, deadlock.
      case "40001", "40P01" -> attempt < ATTEMPTS_MAX;
      default -> false;
    };
  }
}
