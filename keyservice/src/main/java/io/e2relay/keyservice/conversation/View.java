// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.protocol.id.Uid;
import java.util.Map;

/// A conversation as its members are told of it.
///
/// @param subjects the host's names of those members who have ever connected
public record View(Conversation conversation, Map<Uid, String> subjects, long createdMs) {
  public View {
    subjects = Map.copyOf(subjects);
  }
}
