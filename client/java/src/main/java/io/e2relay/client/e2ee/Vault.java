// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a device must still know after it was switched off: keys, pins, and how far it has come. Safe for many threads.
public interface Vault extends AutoCloseable {
  /// Keys that begin like this hold what must not be kept: when it is removed, a file has no trace of it either.
  String PASSING = "passing/";

  /// What was last written under this key.
  Optional<ByteString> get(String key);

  /// The keys that begin like this, in their order.
  List<String> keys(String prefix);

  /// Writes all of the changes or none of them, and returns when they outlast a power cut; an empty one removes.
  void write(Map<String, Optional<ByteString>> changes);

  /// Ends the use of it; what was written stays where it is.
  @Override
  void close();
}
