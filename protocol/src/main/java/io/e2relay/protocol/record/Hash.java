// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;

/// A SHA-256.
public record Hash(ByteString bytes) {
  public static final int BYTES = 32;
  /// Where there is nothing before.
  public static final Hash NONE = new Hash(ByteString.copyFrom(new byte[BYTES]));

  public Hash {
    if (bytes.size() != BYTES) {
      throw new IllegalArgumentException("a hash has 32 bytes");
    }
  }

  /// Opaque in logs: what it names is nobody's business there.
  @Override
  public String toString() {
    return "Hash[" + BYTES + " bytes]";
  }
}
