// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.conversation.View;
import java.util.List;

/// What came of the wish for an encrypted conversation.
public sealed interface Founding {
  /// It is there, and all of it durable.
  ///
  /// @param news of the conversation, and of the one that goes on as it
  record Founded(View now, List<News> news) implements Founding {
  }

  /// It was there: by an earlier try, or because two users have one conversation with each other.
  record Found(View now) implements Founding {
  }

  record Refused(Objection why) implements Founding {
  }
}
