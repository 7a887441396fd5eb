// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.record.Genesis;

/// The wish for a new encrypted conversation.
public record Foundation(Author by, Genesis genesis, Sealed first) {
  public ConversationId id() {
    return genesis.statement().conversation();
  }
}
