// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;

/// Somebody who is to be in the next roster. Who has no account yet is pending.
public record RosterMember(Uid uid, RosterRole role, RosterState state) {
}
