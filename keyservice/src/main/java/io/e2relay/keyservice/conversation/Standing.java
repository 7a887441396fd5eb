// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;

/// What a member is now, and which epochs they may read.
public record Standing(TrustLevel level, Epoch epoch, Member member, List<ReadableEpochs.Range> readable) {
}
