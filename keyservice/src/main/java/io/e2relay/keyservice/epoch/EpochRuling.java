// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import java.util.List;

/// What the rules say of a record.
sealed interface EpochRuling {
  /// The conversation becomes this, and its epoch is open.
  record Open(Conversation after, List<Change> changes) implements EpochRuling {
    public Open {
      changes = List.copyOf(changes);
    }
  }

  /// It has opened the current epoch already.
  record Known() implements EpochRuling {
  }

  record Refused(Objection why) implements EpochRuling {
  }
}
