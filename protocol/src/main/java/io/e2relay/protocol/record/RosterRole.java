// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What a member may do.
public enum RosterRole implements Numbered {
  MEMBER(0), ADMIN(1);

  private final int number;

  RosterRole(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
