// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// One page at a time, and none while the client does not read: a page is the largest thing a client can ask for.
final class FetchLine {
  private final Deque<Effect.ReadPage> waiting = new ArrayDeque<>();
  private boolean running;
  private boolean writable = true;

  List<Effect> offer(Effect.ReadPage page) {
    waiting.add(page);
    return next();
  }

  List<Effect> finished() {
    running = false;
    return next();
  }

  List<Effect> writable(boolean now) {
    writable = now;
    return next();
  }

  private List<Effect> next() {
    if (running || !writable || waiting.isEmpty()) {
      return List.of();
    }
    running = true;
    return List.of(waiting.remove());
  }
}
