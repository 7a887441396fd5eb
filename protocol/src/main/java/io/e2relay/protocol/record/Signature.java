// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;

/// An ECDSA signature as r and s. Never a name for anything: the same message has several.
public record Signature(ByteString bytes) {
  public static final int BYTES = 64;

  public Signature {
    if (bytes.size() != BYTES) {
      throw new IllegalArgumentException("a signature has 64 bytes");
    }
  }

  /// Opaque in logs: what it names is nobody's business there.
  @Override
  public String toString() {
    return "Signature[" + BYTES + " bytes]";
  }
}
