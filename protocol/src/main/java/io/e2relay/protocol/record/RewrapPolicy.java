// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What a member does whose contact lost all keys.
public enum RewrapPolicy implements Numbered {
  CONFIRM(0), CURRENT(1), HISTORY(2);

  private final int number;

  RewrapPolicy(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
