// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay;

import io.e2relay.relay.socket.RelayLoop;
import io.e2relay.relay.socket.ServerOptions;
import io.e2relay.relay.socket.Upgrade;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/// Runs on one event loop and owns the connections that come in there: deploy as many instances as there are loops.
public final class RelayVerticle extends VerticleBase {
  private final RelayNode node;
  private final Handler<HttpServerRequest> http;
  private @Nullable RelayLoop loop;
  private @Nullable HttpServer server;

  /// The handler gets every request that does not want a WebSocket.
  public RelayVerticle(RelayNode node, Handler<HttpServerRequest> http) {
    this.node = node;
    this.http = http;
  }

  @Override
  public Future<?> start() {
    RelayLoop started = new RelayLoop(vertx, node);
    HttpServer listening = vertx.createHttpServer(ServerOptions.of(node.config()))
        .requestHandler(new Upgrade(node, started, http));
    loop = started;
    server = listening;
    return node.enter().compose(_ -> listening.listen());
  }

  /// The port it listens on; differs from the configured one when that is 0.
  public int port() {
    return server == null ? 0 : server.actualPort();
  }

  /// Tells the clients, closes them one after the other, then stops listening.
  @Override
  public Future<?> stop() {
    HttpServer listening = server;
    Future<?> drained = loop == null ? Future.succeededFuture() : loop.drain();
    return drained.compose(_ -> listening == null ? Future.succeededFuture() : listening.close())
        .compose(_ -> node.exit());
  }
}
