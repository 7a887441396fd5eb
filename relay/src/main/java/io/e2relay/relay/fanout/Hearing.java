// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;

/// Is told to which conversations this node listens. Both calls return at once on any thread and never throw; those
/// about one conversation come in order.
public interface Hearing {
  /// For nodes that are told everything.
  Hearing NOTHING = new Hearing() {
    @Override
    public void first(ByteString conversation) {
      // Nobody wants to know.
    }

    @Override
    public void last(ByteString conversation) {
      // Nobody wants to know.
    }
  };

  /// There is a subscriber, and there was none.
  void first(ByteString conversation);

  /// The last subscriber has gone.
  void last(ByteString conversation);
}
