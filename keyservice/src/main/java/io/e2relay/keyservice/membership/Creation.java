// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.History;
import io.e2relay.protocol.wire.TrustLevel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;

/// A wish for a new conversation.
///
/// @param id the id it gets if it is made, and not found to exist
/// @param others who shall be in it besides the creator
/// @param linkSecret the secret of its link; empty for none
public record Creation(ConversationId id, Terms terms, Uid creator, Set<Uid> others, ByteString requestId,
    ByteString linkSecret) {
  public static final int LINK_SECRET_BYTES = 16;
  public static final int REQUEST_ID_BYTES = 16;

  /// What never changes about it.
  public record Terms(TenantId tenant, TrustLevel level, History history) {
  }

  /// The same for every try of the same request, and for no other request.
  public ByteString contentHash() {
    MessageDigest digest = sha256();
    digest.update("e2relay/create/1".getBytes(StandardCharsets.US_ASCII));
    digest.update((byte) terms.level().getNumber());
    digest.update((byte) terms.history().getNumber());
    digest.update((byte) (linkSecret.isEmpty() ? 0 : 1));
    List<Uid> sorted = others.stream().filter(uid -> !uid.equals(creator)).sorted(Roster.ORDER).toList();
    // Uids have one length and come last: no two lists have the same bytes.
    sorted.forEach(uid -> digest.update(uid.bytes().asReadOnlyByteBuffer()));
    return ByteString.copyFrom(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "Creation[" + id + ", by " + creator + "]";
  }
}
