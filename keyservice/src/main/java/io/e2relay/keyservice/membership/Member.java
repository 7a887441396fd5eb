// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import org.jspecify.annotations.Nullable;

/// Somebody in a roster, as what.
///
/// @param key null in open conversations
public record Member(Uid uid, Role role, MemberState state, @Nullable KeyGeneration key) {
  /// A member of an open conversation.
  public Member(Uid uid, Role role, MemberState state) {
    this(uid, role, state, null);
  }

  public boolean active() {
    return state == MemberState.MEMBER_STATE_ACTIVE;
  }

  public boolean admin() {
    return active() && role == Role.ROLE_ADMIN;
  }
}
