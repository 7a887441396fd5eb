// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.ConversationId;
import java.util.List;

/// The part of a log that is asked for: after one seq, up to another, what is readable of it, and how much at most.
record Window(ConversationId conversation, long afterSeq, long uptoSeq, List<EpochSpan> readable, Bound bound) {

  /// How much one page holds. One entry is always given, however large it is.
  record Bound(int entries, int bodyBytes) {
  }

  Window {
    readable = EpochSpan.normalised(readable);
  }
}
