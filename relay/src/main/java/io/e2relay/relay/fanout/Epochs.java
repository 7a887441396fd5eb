// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.Map;

/// A guess at each conversation's current epoch: never lower than one seen before. The fence corrects a wrong guess.
/// Belongs to one event loop.
final class Epochs {
  private final LinkedHashMap<ByteString, Long> known;

  Epochs(int conversationsMax) {
    this.known = new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<ByteString, Long> eldest) {
        return size() > conversationsMax;
      }
    };
  }

  /// 0 when nothing is known.
  long guess(ByteString conversation) {
    return known.getOrDefault(conversation, 0L);
  }

  void raise(ByteString conversation, long epoch) {
    if (epoch > guess(conversation)) {
      known.put(conversation, epoch);
    }
  }
}
