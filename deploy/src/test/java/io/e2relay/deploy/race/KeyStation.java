// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.race;

import static java.util.concurrent.TimeUnit.SECONDS;

import com.google.protobuf.Message;
import io.e2relay.backing.Migrations;
import io.e2relay.deploy.node.Schemas;
import io.e2relay.keyservice.KeyConfig;
import io.e2relay.keyservice.KeyMetrics;
import io.e2relay.keyservice.KeyVerticle;
import io.e2relay.keyservice.backup.Peppers;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Call;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.DevicesReply;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Settings;
import io.e2relay.store.StoreConfig;
import io.e2relay.store.StoreMetrics;
import io.e2relay.store.StoreVerticle;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;

/// Two key services and two stores, each with connections of its own, on one bus and one database: what they are asked
/// in turn reaches them in turn.
final class KeyStation implements AutoCloseable {
  private static final int EACH = 2;
  // A slow machine is no refusal.
  private static final Map<String, String> SETTINGS = Map.of("keys.timeout.ms", "10000", "store.append.deadline.ms",
      "10000", "store.statement.timeout.ms", "10000", "store.read.deadline.ms", "10000");

  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = Bus.of(vertx, Duration.ofSeconds(60));
  private final Pool pool;

  KeyStation(Postgres postgres) throws TimeoutException {
    Migrations.run(postgres, Schemas.ALL);
    // No relay is here: nobody has to be cut off.
    bus.answer(Calls.DETACH, _ -> Future.succeededFuture(DetachReply.getDefaultInstance())).await(10, SECONDS);
    bus.answer(Calls.DEVICES, _ -> Future.succeededFuture(DevicesReply.getDefaultInstance())).await(10, SECONDS);
    Peppers peppers = Objects.requireNonNull(Peppers.parse("1:" + "ab".repeat(32)));
    for (int i = 0; i < EACH; i++) {
      vertx.deployVerticle(
          () -> new KeyVerticle(bus, KeyConfig.read(new Settings(SETTINGS)), postgres, peppers,
              new KeyMetrics(new SimpleMeterRegistry())),
          new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD)).await(30, SECONDS);
      vertx.deployVerticle(new StoreVerticle(bus, StoreConfig.read(new Settings(SETTINGS)), postgres,
          new StoreMetrics(new SimpleMeterRegistry()))).await(30, SECONDS);
    }
    pool = PgBuilder.pool().with(new PoolOptions().setMaxSize(2))
        .connectingTo(new PgConnectOptions().setHost(postgres.host()).setPort(postgres.port())
            .setDatabase(postgres.database()).setUser(postgres.user()).setPassword(postgres.password().reveal()))
        .using(vertx).build();
  }

  <Q extends Message, A extends Message> A ask(Call<Q, A> call, Q question) {
    try {
      return bus.ask(call, question).await(60, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  /// Reads the tables beside the services.
  List<Row> rows(String sql, Object... parameters) {
    try {
      List<Row> rows = new ArrayList<>();
      pool.preparedQuery(sql).execute(Tuple.from(parameters)).await(60, SECONDS).forEach(rows::add);
      return rows;
    } catch (TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  long count(String sql, Object... parameters) {
    return rows(sql, parameters).getFirst().getLong("count");
  }

  @Override
  public void close() throws TimeoutException {
    vertx.close().await(60, SECONDS);
  }
}
