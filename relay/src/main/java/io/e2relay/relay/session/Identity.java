// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;

/// Who is at the other end of a connection. The key with which the device signs its messages is empty unless the device
/// has proven itself.
record Identity(ByteString tenant, ByteString uid, ByteString device, ByteString deviceKey) {
  boolean proven() {
    return !deviceKey.isEmpty();
  }
}
