// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

/// How many a conversation is for.
public enum ConversationType implements Numbered {
  DIRECT(1), GROUP(2);

  private final int number;

  ConversationType(int number) {
    this.number = number;
  }

  @Override
  public int number() {
    return number;
  }
}
