// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import org.jspecify.annotations.Nullable;

/// The conversations, and who is in them.
///
/// Every method waits for its answer and throws [Unavailable] when there is none in time. A conversation that does not
/// exist and one that somebody is no member of look the same, at the same cost.
public interface Conversations {
  /// Remembers the host's name of a user who connected.
  SignIn signIn(TenantId tenant, Uid uid, String subject);

  /// Makes the conversation; a repeated request finds the one it made.
  Outcome create(Creation wish);

  /// Decides on the request, under the lock of the conversation, and carries it out.
  Outcome change(ConversationId id, Request request);

  /// The conversation as it is now; null for who is no member.
  @Nullable
  View view(ConversationId id, Uid caller);

  /// The conversations of a user in the order of their ids.
  ///
  /// @param after the last id of the page before; null for the first page
  Listing list(Uid uid, @Nullable ConversationId after, int limit);

  /// What a member is and may read now; null for who is no member.
  @Nullable
  Standing standing(ConversationId id, Uid uid);

  /// Who is active in an epoch, which never changes; null while the epoch has not begun.
  @Nullable
  ActiveRoster roster(ConversationId id, Epoch epoch);
}
