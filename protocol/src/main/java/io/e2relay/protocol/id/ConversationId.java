// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.id;

import com.google.protobuf.ByteString;

/// Names a conversation: 32 bytes.
public record ConversationId(ByteString bytes) {
  public static final int BYTES = 32;

  public ConversationId {
    Ids.requireLength(bytes, BYTES, "ConversationId");
  }

  @Override
  public String toString() {
    return Ids.pseudonym("ConversationId", bytes);
  }
}
