// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Hash;

/// The place of the next message among those of its device in a conversation.
public record ChainPlace(long seq, Hash prev) {
  public static final ChainPlace FIRST = new ChainPlace(1, Hash.NONE);

  /// Behind a message that was sent.
  public static ChainPlace after(Envelope sent) {
    return new ChainPlace(sent.header().seq() + 1, sent.hash());
  }
}
