// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Grant;

/// A grant that was just made, and the key that it gives.
public record MadeGrant(Grant grant, ByteString wrap) {
}
