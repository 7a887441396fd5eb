// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.id;

import com.google.protobuf.ByteString;

/// Names a user: 16 bytes.
public record Uid(ByteString bytes) {
  public static final int BYTES = 16;

  public Uid {
    Ids.requireLength(bytes, BYTES, "Uid");
  }

  @Override
  public String toString() {
    return Ids.pseudonym("Uid", bytes);
  }
}
