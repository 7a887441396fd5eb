// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All who hear what the first of them says, and a closed loop: the next message goes out when all have one more.
final class Room {
  private static final int RING = 64;
  private static final int PAYLOAD_BYTES = 1024;

  private final Rival rival;
  private final List<Wire> wires;
  private final byte[] payload = new byte[PAYLOAD_BYTES];
  private final long[] heard;
  private final int[] missing = new int[RING];
  private long sent;
  private long complete;
  private long until;
  private @Nullable Promise<Void> done;

  Room(Rival rival, List<Wire> wires) {
    this.rival = rival;
    this.wires = wires;
    this.heard = new long[wires.size()];
  }

  /// From here on it hears.
  Future<Void> begin() {
    for (int i = 0; i < wires.size(); i++) {
      int listener = i;
      wires.get(i).countMessages(count -> hears(listener, count));
    }
    return Future.succeededFuture();
  }

  /// So many messages under way at once, for so long; answers when all of them were heard.
  Future<Void> talk(int window, long nanos) {
    Promise<Void> ended = Promise.promise();
    done = ended;
    until = System.nanoTime() + nanos;
    for (int i = 0; i < window; i++) {
      say();
    }
    return ended.future();
  }

  Rival rival() {
    return rival;
  }

  long deliveries() {
    return complete * wires.size();
  }

  long messages() {
    return complete;
  }

  private void hears(int listener, int count) {
    for (int i = 0; i < count; i++) {
      int place = (int) (heard[listener] % RING);
      heard[listener]++;
      missing[place]--;
      if (missing[place] == 0) {
        heardByAll();
      }
    }
  }

  private void heardByAll() {
    complete++;
    if (System.nanoTime() < until) {
      say();
    } else if (complete == sent && done != null) {
      done.tryComplete();
    }
  }

  private void say() {
    missing[(int) (sent % RING)] = wires.size();
    sent++;
    rival.say(wires.getFirst(), payload);
  }

  void close() {
    wires.forEach(Wire::close);
  }
}
