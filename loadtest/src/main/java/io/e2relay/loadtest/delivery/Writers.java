// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;

/// Many who write into conversations that nobody follows; what comes back are acknowledgements only.
final class Writers {
  private static final int PAYLOAD_BYTES = 1024;
  private static final int TICK_MS = 2;
  private static final int TIMES_MAX = 1 << 20;
  private static final double MILLION = 1e6;
  private static final double P99 = 0.99;

  private final Ours ours;
  private final Vertx vertx;
  private final List<Wire> wires;
  private final byte[] payload = new byte[PAYLOAD_BYTES];
  private final List<Queue<Long>> since;
  private final long[] times = new long[TIMES_MAX];
  private int timed;
  private long acknowledged;
  private long underWay;
  private long until;
  private boolean closedLoop;
  private Promise<Void> done = Promise.promise();

  Writers(Ours ours, Vertx vertx, List<Wire> wires) {
    this.ours = ours;
    this.vertx = vertx;
    this.wires = wires;
    this.since = wires.stream().<Queue<Long>>map(_ -> new ArrayDeque<>()).toList();
  }

  Future<Void> begin() {
    for (int i = 0; i < wires.size(); i++) {
      int writer = i;
      wires.get(i).countAcknowledgements(count -> acknowledged(writer, count));
    }
    return Future.succeededFuture();
  }

  /// Each writes again as soon as one of its messages is acknowledged; so many of each are under way.
  Future<Void> writeAll(int window, long nanos) {
    start(nanos, true);
    for (int i = 0; i < wires.size() * window; i++) {
      write(i % wires.size());
    }
    return done.future();
  }

  /// So many a second, whatever the answers do.
  Future<Void> writePaced(double perSecond, long nanos) {
    start(nanos, false);
    long begun = System.nanoTime();
    long[] written = {0};
    vertx.setPeriodic(TICK_MS, timer -> {
      long now = System.nanoTime();
      long due = (long) (perSecond * Math.min(now - begun, nanos) / (MILLION * 1000));
      for (; written[0] < due; written[0]++) {
        write((int) (written[0] % wires.size()));
      }
      if (now >= until) {
        vertx.cancelTimer(timer);
        ended();
      }
    });
    return done.future();
  }

  long acknowledged() {
    return acknowledged;
  }

  /// Of the last run, from the writing to the acknowledgement.
  double p99Millis() {
    long[] sorted = Arrays.copyOf(times, timed);
    Arrays.sort(sorted);
    return timed == 0 ? 0 : sorted[(int) (P99 * (timed - 1))] / MILLION;
  }

  void close() {
    wires.forEach(Wire::close);
  }

  private void start(long nanos, boolean again) {
    done = Promise.promise();
    timed = 0;
    closedLoop = again;
    until = System.nanoTime() + nanos;
  }

  private void write(int writer) {
    underWay++;
    since.get(writer).add(System.nanoTime());
    ours.say(wires.get(writer), payload);
  }

  private void acknowledged(int writer, int count) {
    long now = System.nanoTime();
    for (int i = 0; i < count; i++) {
      acknowledged++;
      underWay--;
      long took = now - since.get(writer).remove();
      if (timed < TIMES_MAX) {
        times[timed] = took;
        timed++;
      }
      if (closedLoop && now < until) {
        write(writer);
      }
    }
    ended();
  }

  private void ended() {
    if (underWay == 0 && System.nanoTime() >= until) {
      done.tryComplete();
    }
  }
}
