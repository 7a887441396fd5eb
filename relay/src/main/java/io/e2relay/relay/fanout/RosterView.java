// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import java.util.Set;

/// Who may send and receive in one epoch of one conversation: a fact that never changes.
record RosterView(boolean open, Set<ByteString> uids) {
  /// Of an epoch that does not exist, or that could not be asked for: allows nobody.
  static final RosterView NOBODY = new RosterView(false, Set.of());

  boolean has(ByteString uid) {
    return uids.contains(uid);
  }
}
