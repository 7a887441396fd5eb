// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.protocol.id.ConversationId;

/// The wish to open the next epoch of a conversation.
public record EpochPut(Author by, ConversationId conversation, Sealed epoch) {
}
