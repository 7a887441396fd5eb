// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What an AccountRecord changes.
public enum AccountKind implements Numbered {
  GENESIS(1), DEVICE_ADDED(2), DEVICE_REVOKED(3), AEK_ROTATED(4), IDENTITY_RESET(5), RESET_VETOED(6);

  private final int number;

  AccountKind(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
