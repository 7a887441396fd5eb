// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.id;

/// The version of a conversation's roster (and, in encrypted ones, of its key), from 1.
public record Epoch(long value) {
  public static final Epoch FIRST = new Epoch(1);

  public Epoch {
    if (value < 1) {
      throw new IllegalArgumentException("an epoch starts at 1, not " + value);
    }
  }

  public Epoch next() {
    return new Epoch(value + 1);
  }
}
