// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;

/// Who may send and receive in an epoch, in the order of the uids.
public record ActiveRoster(TrustLevel level, List<Uid> uids) {
}
