// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;

/// Flushes each socket once per turn of the event loop, however many frames it got: the send system call is nine
/// tenths of the cost of a delivery.
final class LoopFlush {
  private final Context context;
  private List<Outbound> dirty = new ArrayList<>();

  LoopFlush(Context context) {
    this.context = context;
  }

  void add(Outbound outbound) {
    dirty.add(outbound);
    if (dirty.size() == 1) {
      context.runOnContext(_ -> flush());
    }
  }

  private void flush() {
    List<Outbound> now = dirty;
    dirty = new ArrayList<>();
    now.forEach(Outbound::flush);
  }
}
