// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// What an Envelope carries.
public enum MessageType implements Numbered {
  CONTENT(1), TOMBSTONE(2), EPHEMERAL(3), RECEIPT(4);

  private final int number;

  MessageType(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
