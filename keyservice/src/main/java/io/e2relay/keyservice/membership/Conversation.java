// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;

/// A conversation and its roster at one moment.
///
/// @param linkSecret what a link needs besides the id; empty where joining by link is off
public record Conversation(ConversationId id, TenantId tenant, TrustLevel level, History history, Epoch epoch,
    Roster roster, ByteString linkSecret) {

  Conversation at(Epoch other, Roster members) {
    return new Conversation(id, tenant, level, history, other, members, linkSecret);
  }

  Conversation withLinkSecret(ByteString secret) {
    return new Conversation(id, tenant, level, history, epoch, roster, secret);
  }

  /// Never prints the link's secret.
  @Override
  public String toString() {
    return id + "@" + epoch.value() + roster;
  }
}
