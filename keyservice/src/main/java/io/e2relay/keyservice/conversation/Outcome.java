// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.keyservice.membership.Change;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import java.util.List;
import java.util.Map;

/// What became of a request to make or change a conversation.
public sealed interface Outcome {
  /// It is done and durable.
  ///
  /// @param entry where the change stands in the log
  /// @param versions of the lists of all whom it concerns
  record Changed(View now, List<Change> changes, LogEntry entry, Map<Uid, Long> versions) implements Outcome {
  }

  record Unchanged(View now) implements Outcome {
  }

  record Refused(ErrorCode code) implements Outcome {
  }

  /// The place of a control entry in the log.
  record LogEntry(long seq, long receivedMs) {
  }
}
