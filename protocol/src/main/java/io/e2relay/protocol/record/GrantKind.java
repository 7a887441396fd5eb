// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// Why a key is wrapped outside its epoch's record.
public enum GrantKind implements Numbered {
  // Again, for a newer key of somebody active in that epoch.
  REWRAP(1),
  // For somebody active now.
  HISTORY(2);

  private final int number;

  GrantKind(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
