// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.keyservice.membership.Change;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Control;
import java.util.List;
import java.util.Map;

/// What has just been committed to a conversation's log, for all whom it concerns.
///
/// @param control the entry with its place
/// @param versions of the lists of all whom it concerns
public record News(Control control, List<Change> changes, Map<Uid, Long> versions) {
  public News {
    changes = List.copyOf(changes);
    versions = Map.copyOf(versions);
  }
}
