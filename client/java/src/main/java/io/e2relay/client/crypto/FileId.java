// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;

/// Names a file: 16 random bytes.
public record FileId(ByteString bytes) {
  public static final int BYTES = 16;

  public FileId {
    if (bytes.size() != BYTES) {
      throw new IllegalArgumentException("FileId has " + BYTES + " bytes, not " + bytes.size());
    }
  }

  /// Opaque in logs: what it names is nobody's business there.
  @Override
  public String toString() {
    return "FileId[" + BYTES + " bytes]";
  }
}
