// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.keyservice.membership.Change;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.MemberChange;
import java.util.List;

/// Changes of members as the entry of the log that tells of them.
public final class Controls {
  private Controls() {
  }

  /// The entry before the log has given it a place.
  public static Control.Builder of(ConversationId id, Epoch epoch, List<Change> changes) {
    Control.Builder control = Control.newBuilder().setConversationId(id.bytes()).setEpoch(epoch.value());
    changes.forEach(change -> control.addChanges(
        MemberChange.newBuilder().setKind(change.kind()).setUid(change.uid().bytes()).setBy(change.by().bytes())));
    return control;
  }
}
