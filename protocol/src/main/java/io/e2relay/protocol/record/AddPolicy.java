// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// Who adds members.
public enum AddPolicy implements Numbered {
  ANY_MEMBER(0), ADMINS(1), HOST(2);

  private final int number;

  AddPolicy(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
