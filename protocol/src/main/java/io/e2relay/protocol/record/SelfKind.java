// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What a SelfBlob tells the user's other devices.
public enum SelfKind implements Numbered {
  HEADS(1), VERIFIED(2), LABELS(3), SETTINGS(4);

  private final int number;

  SelfKind(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
