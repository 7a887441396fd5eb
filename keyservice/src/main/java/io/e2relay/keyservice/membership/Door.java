// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// What can be known of a conversation without locking it, and of somebody before it: enough to turn strangers away.
///
/// A conversation that does not exist has a door too, so that knocking on it costs the same.
///
/// @param tenant null where there is no conversation
/// @param linkSecret null where there is no conversation, or no link
/// @param inside whether who asks is a member now
public record Door(@Nullable TenantId tenant, @Nullable ByteString linkSecret, boolean inside) {
  private static final byte[] NO_SECRET = new byte[Creation.LINK_SECRET_BYTES];

  /// Whether the request may come in and be decided on. No: there is no such conversation, as far as they can tell.
  public boolean opensTo(Request request) {
    return switch (request) {
      case Request.Add _,Request.Remove _,Request.Leave _ -> inside;
      case Request.Join join -> (opensBy(join.linkSecret()) & join.tenant().equals(tenant)) | inside;
    };
  }

  private boolean opensBy(ByteString offered) {
    byte[] expected = linkSecret == null ? NO_SECRET : linkSecret.toByteArray();
    // Compared in any case and in constant time: how long this takes tells nothing of the conversation.
    return MessageDigest.isEqual(expected, offered.toByteArray()) & linkSecret != null;
  }

  @Override
  public String toString() {
    return "Door[inside=" + inside + "]";
  }
}
