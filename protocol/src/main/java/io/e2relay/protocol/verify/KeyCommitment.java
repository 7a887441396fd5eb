// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Labels;
import java.nio.ByteBuffer;

/// What binds an epoch's record to one key, so that its rotator cannot give two members different ones.
public final class KeyCommitment {
  private KeyCommitment() {
  }

  public static Hash of(ByteString key, ConversationId conversation, Epoch epoch) {
    ByteBuffer number = ByteBuffer.allocate(Integer.BYTES).putInt((int) epoch.value()).flip();
    ByteString info = Labels.of(Labels.EPOCH_COMMIT).concat(ByteString.copyFrom(number));
    return new Hash(Hkdf.derive(key, conversation.bytes(), info, Hash.BYTES));
  }
}
