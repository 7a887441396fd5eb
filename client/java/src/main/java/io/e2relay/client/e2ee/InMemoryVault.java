// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// For tests and for devices that are to forget: everything is gone with the process.
public final class InMemoryVault implements Vault {
  private final TreeMap<String, ByteString> values = new TreeMap<>();

  @Override
  public synchronized Optional<ByteString> get(String key) {
    return Optional.ofNullable(values.get(key));
  }

  @Override
  public synchronized List<String> keys(String prefix) {
    return values.tailMap(prefix).keySet().stream().takeWhile(key -> key.startsWith(prefix)).toList();
  }

  @Override
  public synchronized void write(Map<String, Optional<ByteString>> changes) {
    changes.forEach((key, value) -> value.ifPresentOrElse(bytes -> values.put(key, bytes), () -> values.remove(key)));
  }

  @Override
  public void close() {
    // Nothing is held: who opens it again finds what was written.
  }
}
