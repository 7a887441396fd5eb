// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Future;
import java.util.List;

/// The log of all conversations. A failed future means that nothing is known: an append may have been stored or not.
interface Log {

  /// The outcome of each item, in their order. All that is stored is durable when the future completes.
  Future<List<Outcome>> append(Batch batch);

  Future<ReadOutcome> read(Window window);

  /// Where these conversations stand, in no order; those that do not exist are left out.
  Future<List<HeadState>> heads(List<ConversationId> conversations);

  /// Whether what is stored survives a crash of the machine.
  Future<Boolean> durable();

  sealed interface ReadOutcome {
  }

  /// The readable entries of a window in order of their seq. When it is cut, more of them follow after the last one.
  record Run(List<LogEntry> entries, boolean cut, long lastSeq) implements ReadOutcome {
    public Run {
      entries = List.copyOf(entries);
    }
  }

  /// There is no such conversation.
  record NoLog() implements ReadOutcome {
  }
}
