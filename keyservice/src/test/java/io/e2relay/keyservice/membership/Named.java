// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;

/// Ids that tests can name.
public final class Named {
  public static final TenantId TENANT = new TenantId(filled(TenantId.BYTES, 0x71));
  public static final TenantId OTHER_TENANT = new TenantId(filled(TenantId.BYTES, 0x72));

  private Named() {
  }

  /// The n-th user in the order of uids; from 128 on the first bit is set.
  public static Uid user(int n) {
    return new Uid(filled(Uid.BYTES, n));
  }

  public static ConversationId conversation(int n) {
    return new ConversationId(filled(ConversationId.BYTES, n));
  }

  public static ByteString secret(int n) {
    return filled(Creation.LINK_SECRET_BYTES, n);
  }

  private static ByteString filled(int length, int n) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) n);
    return ByteString.copyFrom(bytes);
  }
}
