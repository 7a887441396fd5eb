// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.protocol.error.ErrorCode;

/// What became of a request to make or change a conversation.
public sealed interface Outcome {
  /// It is done and durable.
  record Changed(View now, News news) implements Outcome {
  }

  record Unchanged(View now) implements Outcome {
  }

  record Refused(ErrorCode code) implements Outcome {
  }

  /// The place of a control entry in the log.
  record LogEntry(long seq, long receivedMs) {
  }
}
