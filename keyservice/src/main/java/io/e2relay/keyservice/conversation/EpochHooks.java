// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.keyservice.database.PostgresSession;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import java.util.Collection;

/// What else belongs into the transaction in which an epoch begins, or in which somebody leaves an encrypted
/// conversation. Called under the conversation's lock, and before the store's.
public interface EpochHooks {
  EpochHooks NONE = new EpochHooks() {
    @Override
    public void opened(PostgresSession session, EpochRecord record, boolean awaited) {
      // Nothing hangs on it.
    }

    @Override
    public void removed(PostgresSession session, ConversationId conversation, Collection<Uid> uids) {
      // Nothing hangs on it.
    }
  };

  /// The rows of the roster are saved, and those of the users locked: of a pending member who gets an account at this
  /// moment, either the account is seen here, or the membership there, provided that who puts a first record raises
  /// the user's version before looking for memberships.
  ///
  /// @param awaited whether the epoch before was closed, or somebody was pending in it: only then can anybody have been
  ///   at work on this one
  void opened(PostgresSession session, EpochRecord record, boolean awaited);

  /// These are members no longer; their wraps are gone.
  void removed(PostgresSession session, ConversationId conversation, Collection<Uid> uids);
}
