// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;

/// Whose account it is.
public record Account(TenantId tenant, Uid uid) {
  ByteString bytes() {
    return tenant.bytes().concat(uid.bytes());
  }
}
