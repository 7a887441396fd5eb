// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;

/// A secret of the service that is never in the database, and its number.
public record Pepper(int version, ByteString key) {
  public static final int BYTES = 32;

  public Pepper {
    if (version < 1 || key.size() != BYTES) {
      throw new IllegalArgumentException("a pepper has a version from 1 and " + BYTES + " bytes");
    }
  }

  @Override
  public String toString() {
    return "Pepper[" + version + "]";
  }
}
