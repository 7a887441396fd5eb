// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;
import org.jspecify.annotations.Nullable;

/// A conversation and its roster at one moment.
///
/// @param linkSecret what a link needs besides the id; empty where joining by link is off
/// @param encryption null where the service could read everything
public record Conversation(ConversationId id, TenantId tenant, TrustLevel level, History history, Epoch epoch,
    Roster roster, ByteString linkSecret, Phase phase, @Nullable Encryption encryption) {

  Conversation at(Epoch other, Roster members) {
    return new Conversation(id, tenant, level, history, other, members, linkSecret, phase, encryption);
  }

  Conversation withLinkSecret(ByteString secret) {
    return new Conversation(id, tenant, level, history, epoch, roster, secret, phase, encryption);
  }

  /// In that phase, with that roster, in the same epoch.
  public Conversation in(Phase other, Roster members) {
    return new Conversation(id, tenant, level, history, epoch, members, linkSecret, other, encryption);
  }

  /// Whether it is for two, who lead it together.
  public boolean direct() {
    return encryption != null && encryption.direct();
  }

  /// Never prints the link's secret.
  @Override
  public String toString() {
    return id + "@" + epoch.value() + roster;
  }
}
