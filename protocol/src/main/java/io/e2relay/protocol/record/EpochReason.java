// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// Why an epoch began.
public enum EpochReason implements Numbered {
  CREATED(1), ADDED(2), ACTIVATED(3), REMOVED(4), LEFT(5), DEVICE_REVOKED(6), RESET(7), PERIODIC(8), BY_USER(
      9), ROLE_CHANGED(10), RESTARTED(11);

  private final int number;

  EpochReason(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
