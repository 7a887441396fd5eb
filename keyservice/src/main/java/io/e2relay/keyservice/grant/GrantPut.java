// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.grant;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.epoch.Author;
import io.e2relay.protocol.record.Grant;

/// The wish to give one more of those who may have it the key of an epoch.
public record GrantPut(Author by, Grant grant, ByteString wrap) {
  @Override
  public String toString() {
    return "GrantPut[" + grant.statement().epoch() + "]";
  }
}
