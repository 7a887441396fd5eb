// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

/// What to do about a batch that PostgreSQL refused, which means that none of it was stored.
enum AppendRetry {
  // The same statement once more.
  AGAIN,
  // Each item in a statement of its own.
  ONE_BY_ONE,
  // Not the log's to decide.
  NEVER;

  private static final int ATTEMPTS_MAX = 4;

  /// The rule, for the SQLSTATE of the given attempt (from 1) at a batch of this many items.
  static AppendRetry after(String sqlState, int items, int attempt) {
    return switch (sqlState) {
      // Unique violation: somebody else has stored one of these messages meanwhile.
      case "23505" -> items > 1 ? attempt == 1 ? AGAIN : ONE_BY_ONE : bounded(attempt);
      // Serialisation failure, deadlock.
      case "40001", "40P01" -> bounded(attempt);
      default -> NEVER;
    };
  }

  private static AppendRetry bounded(int attempt) {
    return attempt < ATTEMPTS_MAX ? AGAIN : NEVER;
  }
}
