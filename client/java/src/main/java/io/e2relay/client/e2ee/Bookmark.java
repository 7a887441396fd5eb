// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import java.util.List;

/// How far a conversation's log was read: up to which place, where something was last missing, in which epoch, and how
/// many messages of that epoch were before.
record Bookmark(long place, long gapAt, long epoch, long inEpoch) {
  static final Bookmark START = new Bookmark(0, 0, 1, 0);

  ByteString packed() {
    return Packed.of(Packed.number(place), Packed.number(gapAt), Packed.number(epoch), Packed.number(inEpoch));
  }

  static Bookmark read(ByteString packed) {
    List<Long> numbers = Packed.values(packed).stream().map(Packed::number).toList();
    return new Bookmark(numbers.getFirst(), numbers.get(1), numbers.get(2), numbers.getLast());
  }
}
