// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// Whether a member has the epoch's key.
public enum RosterState implements Numbered {
  ACTIVE(0), PENDING(1);

  private final int number;

  RosterState(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
