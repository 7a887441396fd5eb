// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.config.Postgres;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.List;
import java.util.function.Supplier;

/// The log on the bus; everything in it runs on this verticle's event loop.
public final class StoreVerticle extends VerticleBase {
  private final Bus bus;
  private final StoreConfig config;
  private final Postgres postgres;
  private final StoreMetrics metrics;
  private Supplier<Future<?>> stop = Future::succeededFuture;

  public StoreVerticle(Bus bus, StoreConfig config, Postgres postgres, StoreMetrics metrics) {
    this.bus = bus;
    this.config = config;
    this.postgres = postgres;
    this.metrics = metrics;
  }

  @Override
  public Future<?> start() {
    PostgresLines appends = new PostgresLines(vertx, postgres, PostgresLines.Limits.appends(config), metrics);
    PostgresLines reads = new PostgresLines(vertx, postgres, PostgresLines.Limits.reads(config), metrics);
    Log log = new PostgresLog(appends, reads);
    GroupCommit commits = new GroupCommit(log, config, new VertxTicks(vertx), metrics,
        news -> bus.tell(Calls.COMMITTED, StoreAnswers.committed(news)));
    StoreAnswers answers = new StoreAnswers(log, commits, config, metrics);
    List<Future<Bus.Registration>> registered = List.of(bus.answer(Calls.APPEND, answers::append),
        bus.answer(Calls.READ, answers::read), bus.answer(Calls.HEADS, answers::heads),
        bus.answer(Calls.PROBE, answers::probe));
    stop = () -> Future.join(registered.stream().map(one -> one.compose(Bus.Registration::unregister)).toList())
        .eventually(commits::drain).eventually(() -> Future.join(appends.close(), reads.close()));
    return Future.all(registered);
  }

  @Override
  public Future<?> stop() {
    return stop.get();
  }
}
