// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.protocol.id.ConversationId;
import java.util.List;

/// What a user's connection meets.
public sealed interface SignIn {
  /// The user is known.
  ///
  /// @param version of the user's list of conversations
  record Done(long version) implements SignIn {
  }

  /// Before the first connection told whose the uid is, members of other tenants had put it into these: it has to
  /// leave them, then sign in again. Nobody of another tenant can add it any more.
  record Astray(List<ConversationId> conversations) implements SignIn {
  }
}
