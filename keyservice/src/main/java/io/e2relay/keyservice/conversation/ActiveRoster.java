// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who may send and receive in an epoch, in the order of the uids.
///
/// @param epochHash of the epoch's record; null in open conversations
public record ActiveRoster(TrustLevel level, List<Uid> uids, @Nullable ByteString epochHash) {
}
