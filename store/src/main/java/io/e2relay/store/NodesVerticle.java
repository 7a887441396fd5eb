// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Peer;
import io.e2relay.protocol.bus.Role;
import io.e2relay.protocol.config.Postgres;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// Keeps this node in the list of nodes, and reads who else is there, on one event loop.
///
/// When it has started, every other node has had time to read of this one; when it has stopped, to read that it is
/// gone.
public final class NodesVerticle extends VerticleBase {
  private static final Duration BEAT = Duration.ofSeconds(1);
  // A beat of another node may have begun just before, and take a moment.
  private static final Duration ALL_KNOW = BEAT.plusMillis(250);
  private static final Duration CONNECT = Duration.ofSeconds(2);

  private final Bus bus;
  private final Postgres postgres;
  private final Duration gone;
  private final StoreMetrics metrics;
  private Peer self;
  private boolean beating;
  private Supplier<Future<?>> stop = Future::succeededFuture;
  private Supplier<Future<?>> beat = Future::succeededFuture;

  /// @param gone time without a beat after which a node counts as gone
  public NodesVerticle(Bus bus, Postgres postgres, Peer self, Duration gone, StoreMetrics metrics) {
    this.bus = bus;
    this.postgres = postgres;
    this.self = self;
    this.gone = gone;
    this.metrics = metrics;
  }

  @Override
  public Future<?> start() {
    PostgresLines lines = new PostgresLines(vertx, postgres, new PostgresLines.Limits(1, 2, CONNECT, CONNECT, BEAT),
        metrics);
    PostgresNodes nodes = new PostgresNodes(lines, gone);
    beat = () -> nodes.beat(self).onSuccess(bus::listed);
    long timer = vertx.setPeriodic(BEAT.toMillis(), _ -> beat());
    stop = () -> {
      vertx.cancelTimer(timer);
      return nodes.leave(self).otherwiseEmpty().eventually(() -> later(ALL_KNOW)).eventually(lines::close);
    };
    return beat.get().compose(_ -> later(ALL_KNOW));
  }

  /// From now on others ask nothing of this node any more, but still tell it what its relay wants to hear.
  public void leaving() {
    context.runOnContext(_ -> {
      self = new Peer(self.node(), self.incarnation(),
          self.roles().contains(Role.RELAY) ? Set.of(Role.RELAY) : Set.of());
      beat();
    });
  }

  @Override
  public Future<?> stop() {
    return stop.get();
  }

  /// What cannot be read is as it was.
  private void beat() {
    if (!beating) {
      beating = true;
      beat.get().onComplete(_ -> beating = false);
    }
  }

  private Future<List<Peer>> later(Duration time) {
    Promise<List<Peer>> promise = Promise.promise();
    vertx.setTimer(time.toMillis(), _ -> promise.complete(List.of()));
    return promise.future();
  }
}
