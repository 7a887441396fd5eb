// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.oracle;

import io.e2relay.protocol.id.MsgId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// How long messages took from the first try to send them to each sighting, by the clock of whoever wrote the journal.
final class DeliveryTimes {
  private static final int ROOM_AT_FIRST = 1024;

  private final Map<MsgId, Long> attempted = new HashMap<>();
  private long[] tookMs = new long[ROOM_AT_FIRST];
  private int count;

  void attempted(MsgId message, long atMs) {
    attempted.merge(message, atMs, Math::min);
  }

  /// Does not count what nobody sent.
  void received(MsgId message, long atMs) {
    Long since = attempted.get(message);
    if (since != null) {
      if (count == tookMs.length) {
        tookMs = Arrays.copyOf(tookMs, count * 2);
      }
      tookMs[count] = atMs - since;
      count++;
    }
  }

  /// The time within which this share of all deliveries happened (nearest rank), in milliseconds; 0 if there was none.
  long within(double share) {
    if (count == 0) {
      return 0;
    }
    long[] sorted = Arrays.copyOf(tookMs, count);
    Arrays.sort(sorted);
    return sorted[Math.clamp((int) Math.ceil(share * count) - 1, 0, count - 1)];
  }
}
