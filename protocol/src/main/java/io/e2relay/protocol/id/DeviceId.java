// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.id;

import com.google.protobuf.ByteString;

/// Names a device of a user: 16 bytes.
public record DeviceId(ByteString bytes) {
  public static final int BYTES = 16;

  public DeviceId {
    Ids.requireLength(bytes, BYTES, "DeviceId");
  }

  @Override
  public String toString() {
    return Ids.pseudonym("DeviceId", bytes);
  }
}
