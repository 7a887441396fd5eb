// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import io.e2relay.protocol.record.ConversationType;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Hash;

/// What an encrypted conversation has besides.
///
/// @param epochHash of the record of the current epoch
public record Encryption(Genesis genesis, Hash epochHash) {
  /// Whether it is the one conversation that two users have with each other.
  boolean direct() {
    return genesis.statement().type() == ConversationType.DIRECT;
  }
}
