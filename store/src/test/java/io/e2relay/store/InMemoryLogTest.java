// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

final class InMemoryLogTest implements LogContract {
  private final InMemoryLog log = new InMemoryLog();

  @Override
  public Log log() {
    return log;
  }

  @Override
  public Door door() {
    return log;
  }
}
