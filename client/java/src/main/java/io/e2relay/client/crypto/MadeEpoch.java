// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.verify.EpochChain;
import java.util.Map;

/// An epoch that was just made, verified like anybody else's: its key, and that key for each active member.
public record MadeEpoch(EpochChain chain, SymmetricKey key, Map<Uid, ByteString> wraps) {
  public MadeEpoch {
    wraps = Map.copyOf(wraps);
  }

  public EpochRecord record() {
    return chain.last();
  }

  /// The wrap that is theirs.
  public ByteString wrapFor(Uid uid) {
    return requireNonNull(wraps.get(uid), "nothing is wrapped for them");
  }
}
