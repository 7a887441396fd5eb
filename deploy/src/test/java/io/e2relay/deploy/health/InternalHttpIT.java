// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.Probe;
import io.e2relay.protocol.bus.wire.ProbeReply;
import io.e2relay.protocol.error.ErrorCode;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The internal port, with a store on the bus that answers what the test wants.
class InternalHttpIT {
  private static final ProbeReply DURABLE = ProbeReply.newBuilder().setProbe(Probe.newBuilder().setDurable(true))
      .build();
  private static final ProbeReply REFUSED = ProbeReply.newBuilder().setRefusal(ErrorCode.UNAVAILABLE.refusal()).build();

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
  private final Bus bus = Bus.of(vertx, Duration.ofMillis(200));
  private final NodeHealth health = new NodeHealth();
  private final HttpClient client = HttpClient.newHttpClient();
  private volatile ProbeReply reply = DURABLE;
  private InternalHttp http;

  @BeforeEach
  void start() throws Exception {
    Pulse pulse = new Pulse(2, System::nanoTime);
    pulse.deploy(vertx).await(10, TimeUnit.SECONDS);
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new HealthMetrics(registry, health, pulse).close();
    http = new InternalHttp("127.0.0.1", 0, health, pulse, registry);
    vertx.deployVerticle(http).await(10, TimeUnit.SECONDS);
    bus.answer(Calls.PROBE, _ -> Future.succeededFuture(reply)).await(10, TimeUnit.SECONDS);
    vertx.deployVerticle(new PostgresProbe(bus, Duration.ofMillis(20), 3, health)).await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void ready_follows_the_listeners_the_database_and_draining_and_says_whether_it_is_durable() throws Exception {
    await(health::isPostgresUp);
    assertEquals(503, get("/health/startup").statusCode());
    assertEquals(503, get("/health/ready").statusCode());
    health.setStarted();
    assertEquals(200, get("/health/startup").statusCode());
    assertEquals(
        new JsonObject(
            "{\"status\":\"up\",\"listeners\":\"up\",\"postgres\":\"up\",\"durable\":true,\"draining\":false}"),
        new JsonObject(get("/health/ready").body()));
    health.setDraining();
    assertEquals(503, get("/health/ready").statusCode());
    assertEquals(200, get("/health/live").statusCode());
  }

  @Test
  void a_database_that_refuses_or_is_silent_ends_readiness_but_not_life_and_comes_back() throws Exception {
    health.setStarted();
    await(health::isReady);
    reply = REFUSED;
    await(() -> !health.isReady());
    assertEquals(503, get("/health/ready").statusCode());
    assertEquals(200, get("/health/live").statusCode());
    reply = ProbeReply.newBuilder().setProbe(Probe.getDefaultInstance()).build();
    await(health::isReady);
    assertEquals(false, new JsonObject(get("/health/ready").body()).getBoolean("durable"));
  }

  @Test
  void an_event_loop_that_is_blocked_ends_life() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    Pulse pulse = new Pulse(1, System::nanoTime);
    Vertx other = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setBlockedThreadCheckInterval(3_600_000));
    try {
      pulse.deploy(other).await(10, TimeUnit.SECONDS);
      assertTrue(pulse.isAlive());
      other.runOnContext(_ -> {
        try {
          blocked.await();
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        }
      });
      await(() -> !pulse.isAlive());
      blocked.countDown();
      await(pulse::isAlive);
    } finally {
      blocked.countDown();
      other.close().await(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void metrics_are_in_the_form_of_prometheus() throws Exception {
    health.setStarted();
    await(health::isReady);
    HttpResponse<String> answer = get("/metrics");
    assertEquals(200, answer.statusCode());
    assertTrue(answer.headers().firstValue("content-type").orElse("").startsWith("text/plain; version=0.0.4"));
    assertTrue(answer.body().contains("e2relay_node_ready 1.0"), answer.body());
    assertTrue(answer.body().contains("e2relay_node_durable 1.0"));
    assertTrue(answer.body().contains("jvm_memory_used_bytes"));
  }

  @Test
  void nothing_else_is_there() throws Exception {
    assertEquals(404, get("/").statusCode());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void await(BooleanSupplier fact) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!fact.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "it did not come");
      Thread.onSpinWait();
    }
  }
}
