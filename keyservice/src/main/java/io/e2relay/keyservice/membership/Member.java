// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;

/// Somebody in a roster, as what.
public record Member(Uid uid, Role role, MemberState state) {

  boolean active() {
    return state == MemberState.MEMBER_STATE_ACTIVE;
  }

  boolean admin() {
    return active() && role == Role.ROLE_ADMIN;
  }
}
