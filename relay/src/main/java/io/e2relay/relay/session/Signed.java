// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageType;

/// A sealed message and what its signature is compared with: its device's key, and the epoch it is for.
public record Signed(Envelope envelope, Hash epochHash, ByteString deviceKey) {
  /// A tombstone erases: nobody may erase in another's name. Messages are verified by everybody who opens them.
  public boolean always() {
    return envelope.header().type() == MessageType.TOMBSTONE;
  }
}
