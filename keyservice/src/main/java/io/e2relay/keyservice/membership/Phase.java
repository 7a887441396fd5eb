// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.id.ConversationId;
import org.jspecify.annotations.Nullable;

/// Whether a conversation goes on.
///
/// @param closed nothing is appended until somebody opens the next epoch; or never again, if there is a successor
/// @param successor the encrypted conversation as which it goes on; null for none
public record Phase(boolean closed, @Nullable ConversationId successor) {
  public static final Phase OPEN = new Phase(false, null);
  public static final Phase CLOSED = new Phase(true, null);
}
