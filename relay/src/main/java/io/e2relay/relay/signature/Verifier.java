// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.signature;

import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.verify.Signatures;
import io.e2relay.relay.RelayMetrics;
import io.e2relay.relay.session.Signed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.random.RandomGenerator;

/// Looks at signatures beside the event loops, which a third of a millisecond each would hold up. Belongs to one event
/// loop; the threads are shared by all.
public final class Verifier {
  /// What may wait for one loop: a second's work of one core is a third of it.
  static final int WAITING_MAX = 1_000;
  private static final String THREADS = "e2relay-signatures";

  private final SignatureChoice choice;
  private final RandomGenerator random;
  private final RelayMetrics metrics;
  private final WorkerExecutor workers;
  private int waiting;

  public Verifier(Vertx vertx, SignatureChoice choice, RandomGenerator random, RelayMetrics metrics) {
    this.choice = choice;
    this.random = random;
    this.metrics = metrics;
    this.workers = vertx.createSharedWorkerExecutor(THREADS,
        Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  /// Whether this is one of those that are looked at; asked once for each message.
  public boolean looksAt(Signed signed) {
    return signed.always() || choice.falls(random);
  }

  /// Whether the device signed it; fails while too many wait.
  public Future<Boolean> verify(Signed signed) {
    if (waiting >= WAITING_MAX) {
      return Future.failedFuture("too many signatures wait");
    }
    waiting++;
    Future<Boolean> verdict = workers.executeBlocking(() -> isGenuine(signed), false).map(Boolean.TRUE::equals);
    return verdict.onComplete(_ -> waiting--).onSuccess(metrics::verified);
  }

  public void close() {
    workers.close();
  }

  private static boolean isGenuine(Signed signed) {
    return Signatures.verify(new Point(signed.deviceKey()), "msg", signed.envelope().tbs(signed.epochHash()),
        signed.envelope().signature());
  }
}
