// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.record.Fault;
import java.util.List;

/// What came of putting a record.
public sealed interface Stored {
  /// It is durable.
  ///
  /// @param conversations of the user, for whom this is news
  record Now(long seq, List<ConversationId> conversations) implements Stored {
  }

  /// It was stored by an earlier try.
  record Before(long seq) implements Stored {
  }

  record Refused(ErrorCode code) implements Stored {
  }

  record Unfit(Fault fault) implements Stored {
  }
}
