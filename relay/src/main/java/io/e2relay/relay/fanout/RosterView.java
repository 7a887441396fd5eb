// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Hash;
import io.e2relay.relay.session.Placed;
import java.util.Set;

/// Who may send and receive in one epoch of one conversation: a fact that never changes. In encrypted conversations it
/// comes with the hash of its record.
record RosterView(boolean open, Set<ByteString> uids, Hash epochHash) {
  /// Of an epoch that does not exist, or that could not be asked for: allows nobody.
  static final RosterView NOBODY = new RosterView(false, Set.of(), Hash.NONE);

  /// For those who are in it.
  Placed placed(long epoch) {
    return open ? new Placed.Open(epoch) : new Placed.Sealed(epoch, epochHash);
  }

  boolean has(ByteString uid) {
    return uids.contains(uid);
  }
}
