// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.id;

import com.google.protobuf.ByteString;

/// Names a tenant of the service: 16 bytes.
public record TenantId(ByteString bytes) {
  public static final int BYTES = 16;

  public TenantId {
    Ids.requireLength(bytes, BYTES, "TenantId");
  }

  @Override
  public String toString() {
    return Ids.pseudonym("TenantId", bytes);
  }
}
