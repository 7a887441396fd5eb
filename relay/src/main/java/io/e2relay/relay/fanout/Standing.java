// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import io.e2relay.protocol.bus.wire.Membership;
import io.e2relay.protocol.error.ErrorCode;

/// What the key service says now about a user and a conversation.
public sealed interface Standing {
  record Member(Membership membership) implements Standing {
  }

  record Refused(ErrorCode code) implements Standing {
  }
}
