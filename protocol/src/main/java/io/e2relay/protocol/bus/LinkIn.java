// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import io.e2relay.protocol.bus.wire.NewsBatch;
import org.jspecify.annotations.Nullable;

/// The news from one other node: whether any are missing, and since when it has been silent.
final class LinkIn {
  private long incarnation;
  private long number;
  private boolean known;
  private long heardNanos;

  /// Nothing was heard yet; it is not silent before it had time to speak.
  LinkIn(long nowNanos) {
    this.heardNanos = nowNanos;
  }

  /// Why something may be missing; null when all is there.
  LinkEvents.@Nullable Missed heard(NewsBatch batch, long nowNanos) {
    heardNanos = nowNanos;
    if (!known || batch.getIncarnation() != incarnation) {
      known = true;
      incarnation = batch.getIncarnation();
      number = batch.getNumber();
      return LinkEvents.Missed.NEW;
    }
    long expected = batch.getNewsCount() > 0 ? number + 1 : number;
    number = Math.max(number, batch.getNumber());
    if (batch.getNumber() != expected) {
      return LinkEvents.Missed.GAP;
    }
    return batch.getDirty() ? LinkEvents.Missed.DIRTY : null;
  }

  long silentNanos(long nowNanos) {
    return nowNanos - heardNanos;
  }
}
