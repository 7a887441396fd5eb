// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What a new member may read.
public enum HistoryPolicy implements Numbered {
  FROM_JOIN(0), FULL(1);

  private final int number;

  HistoryPolicy(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
