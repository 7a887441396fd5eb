// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.id;

import com.google.protobuf.ByteString;

/// Names a message of a device: 16 bytes.
public record MsgId(ByteString bytes) {
  public static final int BYTES = 16;

  public MsgId {
    Ids.requireLength(bytes, BYTES, "MsgId");
  }

  @Override
  public String toString() {
    return Ids.pseudonym("MsgId", bytes);
  }
}
