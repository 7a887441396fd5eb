// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

final class InMemoryKeyStorageTest implements KeyStorageContract {
  private final KeyStorage storage = new InMemoryKeyStorage();

  @Override
  public KeyStorage storage() {
    return storage;
  }

  @Override
  public KeyStorage reopened() {
    return storage;
  }
}
