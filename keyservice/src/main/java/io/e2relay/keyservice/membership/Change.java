// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ChangeKind;

/// What happened to one member, and by whom.
public record Change(ChangeKind kind, Uid uid, Uid by) {

  /// Whether the user is no longer a member because of it.
  public boolean ends() {
    return kind == ChangeKind.CHANGE_KIND_REMOVED || kind == ChangeKind.CHANGE_KIND_LEFT;
  }
}
