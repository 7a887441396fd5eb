// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.turn;

import io.e2relay.keyservice.conversation.News;
import io.e2relay.protocol.id.Uid;

/// One step of the work that users' turned keys have left to do.
public sealed interface Turn {
  /// The epoch of one conversation is closed, durably.
  record Closed(News news) implements Turn {
  }

  /// A conversation needed nothing any more, or another worker has this job in hand.
  record Passed() implements Turn {
  }

  /// Every epoch of this user that was for an older key is closed.
  record Finished(Uid uid) implements Turn {
  }

  /// There is no work, but perhaps what others have in hand.
  record Nothing() implements Turn {
  }
}
