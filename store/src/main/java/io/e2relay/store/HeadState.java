// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;

/// Where a conversation stands.
record HeadState(ConversationId conversation, Epoch epoch, boolean open, long lastSeq) {
}
