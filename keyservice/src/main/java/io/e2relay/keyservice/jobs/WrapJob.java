// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.WrapJobKind;
import java.util.List;

/// A job as whoever took it is told of it.
///
/// @param epoch of the grants; else the one after which the next is to be opened
/// @param uids for whom; nobody in particular where the next epoch is to be opened
public record WrapJob(ConversationId conversation, WrapJobKind kind, Epoch epoch, List<Uid> uids) {
  public WrapJob {
    uids = List.copyOf(uids);
  }
}
