// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.protocol.id.Epoch;

/// What came of a record for the next epoch.
public sealed interface Opening {
  /// The epoch is open, and all of it durable.
  record Opened(Epoch epoch, News news) implements Opening {
  }

  /// It was opened by an earlier try with this very record.
  record Before(Epoch epoch, Outcome.LogEntry entry) implements Opening {
  }

  record Refused(Objection why) implements Opening {
  }
}
