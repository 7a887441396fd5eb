// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import java.util.concurrent.atomic.AtomicReference;

/// Keeps the keys for as long as the process runs: for tests, and for devices that are to leave nothing.
public final class InMemoryKeyStorage implements KeyStorage {
  private final AtomicReference<Loading> kept = new AtomicReference<>(new Loading.Empty());

  @Override
  public Loading load() {
    return kept.get();
  }

  @Override
  public void save(DeviceKeys keys) {
    kept.set(new Loading.Loaded(keys));
  }
}
