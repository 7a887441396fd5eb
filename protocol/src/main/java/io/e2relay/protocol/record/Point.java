// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;

/// A public key of P-256 as 65 bytes that begin with 04; whether it is on the curve, `verify` says.
public record Point(ByteString bytes) {
  public static final int BYTES = 65;

  public Point {
    if (bytes.size() != BYTES || bytes.byteAt(0) != 4) {
      throw new IllegalArgumentException("a point has 65 bytes and begins with 04");
    }
  }

  /// Opaque in logs: what it names is nobody's business there.
  @Override
  public String toString() {
    return "Point[" + BYTES + " bytes]";
  }
}
