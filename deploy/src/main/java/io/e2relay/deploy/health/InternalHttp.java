// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/// The internal port: `/health/startup|ready|live` and `/metrics`. Event loop; answers from memory only.
public final class InternalHttp extends VerticleBase {
  private final String bind;
  private final int port;
  private final NodeHealth health;
  private final Pulse pulse;
  private final PrometheusMeterRegistry metrics;
  private HttpServer server;

  @SuppressWarnings("NullAway.Init")
  public InternalHttp(String bind, int port, NodeHealth health, Pulse pulse, PrometheusMeterRegistry metrics) {
    this.bind = bind;
    this.port = port;
    this.health = health;
    this.pulse = pulse;
    this.metrics = metrics;
  }

  @Override
  public Future<?> start() {
    Router router = Router.router(vertx);
    router.get("/health/startup").handler(request -> answer(request, health.isStarted(), new JsonObject()));
    router.get("/health/ready").handler(request -> answer(request, health.isReady(), readiness()));
    router.get("/health/live").handler(request -> answer(request, pulse.isAlive(), new JsonObject()));
    router.get("/metrics").handler(this::scrape);
    server = vertx.createHttpServer(new HttpServerOptions().setIdleTimeout(60));
    return server.requestHandler(router).listen(port, bind);
  }

  @Override
  public Future<?> stop() {
    return server.close();
  }

  /// The port that is listened at, also when a free one was asked for.
  public int port() {
    return server.actualPort();
  }

  private JsonObject readiness() {
    return new JsonObject().put("listeners", upOrDown(health.isStarted()))
        .put("postgres", upOrDown(health.isPostgresUp())).put("durable", health.isDurable())
        .put("draining", health.isDraining());
  }

  private static void answer(RoutingContext request, boolean good, JsonObject body) {
    JsonObject answer = new JsonObject().put("status", upOrDown(good)).mergeIn(body);
    request.response().setStatusCode(good ? 200 : 503).putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(answer.encode());
  }

  private void scrape(RoutingContext request) {
    request.response().putHeader(HttpHeaders.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
        .end(metrics.scrape());
  }

  private static String upOrDown(boolean up) {
    return up ? "up" : "down";
  }
}
