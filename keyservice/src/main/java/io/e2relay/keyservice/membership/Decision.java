// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.error.ErrorCode;
import java.util.List;

/// What the rules say to a request.
public sealed interface Decision {
  /// The conversation becomes this.
  ///
  /// @param open whether messages may be appended under its epoch; an encrypted conversation waits for its next key
  record Changed(Conversation after, boolean open, List<Change> changes) implements Decision {
  }

  /// It is already as requested.
  record Unchanged() implements Decision {
  }

  record Refused(ErrorCode code) implements Decision {
  }
}
