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
  private static final ByteString NO_SECRET = ByteString.copyFrom(new byte[Creation.LINK_SECRET_BYTES]);

  /// Whether the request may come in and be decided on. No: there is no such conversation, as far as they can tell.
  public boolean opensTo(Request request) {
    return switch (request) {
      case Request.Add _,Request.Remove _,Request.Leave _ -> inside;
      case Request.Join join -> {
        boolean known = knows(join.linkSecret());
        yield inside || (known && join.tenant().equals(tenant));
      }
    };
  }

  // Compared in any case and in constant time: how long this takes tells nothing of the conversation.
  private boolean knows(ByteString offered) {
    ByteString expected = linkSecret == null ? NO_SECRET : linkSecret;
    boolean same = MessageDigest.isEqual(expected.toByteArray(), offered.toByteArray());
    return same && linkSecret != null;
  }

  @Override
  public String toString() {
    return "Door[inside=" + inside + "]";
  }
}
