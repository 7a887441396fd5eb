// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;

/// A message that asks for a place in the log, under the epoch it names.
record Append(MessageKey key, Epoch epoch, Uid uid, Body body) {

  ConversationId conversation() {
    return key.conversation();
  }
}
