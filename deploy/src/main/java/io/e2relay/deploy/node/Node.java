// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.node;

import io.e2relay.deploy.cluster.ClusterMetrics;
import io.e2relay.deploy.cluster.Membership;
import io.e2relay.deploy.health.HealthMetrics;
import io.e2relay.deploy.health.InternalHttp;
import io.e2relay.deploy.health.NodeHealth;
import io.e2relay.deploy.health.PostgresProbe;
import io.e2relay.deploy.health.Pulse;
import io.e2relay.deploy.settings.ClusterConfig;
import io.e2relay.deploy.settings.InternalConfig;
import io.e2relay.deploy.settings.ServerConfig;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Peer;
import io.e2relay.protocol.config.Redis;
import io.e2relay.relay.http.Route;
import io.e2relay.relay.presence.RedisTargets;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One process with all its parts, from the event loops up. Stopped in reverse: no part outlives what it needs.
public final class Node {
  private static final long START_SECONDS = 30;
  private static final long STOP_SECONDS = 60;

  private final Lifetime lifetime;
  private final ServerConfig config;
  private final PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final NodeHealth health = new NodeHealth();
  private final Peer self;
  private final Vertx vertx;
  private final Bus bus;
  private int internalPort;

  /// Where a started node can be reached.
  public record Ports(int open, int internal) {
  }

  private Node(Lifetime lifetime, ServerConfig config, ServerConfig.Services services) throws Exception {
    this.lifetime = lifetime;
    this.config = config;
    ClusterConfig cluster = config.cluster();
    this.self = new Peer(cluster.node(), new SecureRandom().nextLong(), config.node().roles());
    this.vertx = lifetime.start(cluster.enabled() ? "event loops and cluster" : "event loops",
        () -> vertx(config, metrics), started -> started.close().await(STOP_SECONDS, TimeUnit.SECONDS));
    this.bus = cluster.enabled()
        ? await(Bus.among(vertx, config.node().busTimeout(),
            new Bus.Place(self, cluster.broadcastMax(), startTargets(services.redis())), new ClusterMetrics(metrics)))
        : Bus.of(vertx, config.node().busTimeout());
  }

  /// Starts all roles on these services. When it returns, everything listens.
  public static Ports start(Lifetime lifetime, ServerConfig config, ServerConfig.Services services, List<Route> routes)
      throws Exception {
    Node node = new Node(lifetime, config, services);
    node.startInternal();
    int open = Roles.start(node, services, routes);
    node.startProbe();
    node.health.setStarted();
    lifetime.onEnding(node.health::setDraining);
    return new Ports(open, node.internalPort);
  }

  Vertx vertx() {
    return vertx;
  }

  Bus bus() {
    return bus;
  }

  /// This node as others know it.
  Peer self() {
    return self;
  }

  ServerConfig config() {
    return config;
  }

  PrometheusMeterRegistry metrics() {
    return metrics;
  }

  Lifetime lifetime() {
    return lifetime;
  }

  /// Waits for a step of the start or of the stop; not for use on an event loop.
  <T> T await(Future<T> future) throws Exception {
    return future.await(STOP_SECONDS, TimeUnit.SECONDS);
  }

  /// Deploys a role, to be undeployed when the node stops.
  void deploy(String what, Supplier<Deployable> verticle, DeploymentOptions options) throws Exception {
    lifetime.start(what, () -> vertx.deployVerticle(verticle, options).await(START_SECONDS, TimeUnit.SECONDS),
        id -> vertx.undeploy(id).await(STOP_SECONDS, TimeUnit.SECONDS));
  }

  private RedisTargets startTargets(Redis redis) throws Exception {
    return lifetime.start("directory of listeners", () -> RedisTargets.start(vertx, redis),
        started -> await(started.stop()));
  }

  private void startInternal() throws Exception {
    Pulse pulse = new Pulse(config.node().eventLoops(), System::nanoTime);
    // First of all verticles: instances take event loops in turn, and every loop must have its tick.
    pulse.deploy(vertx).await(START_SECONDS, TimeUnit.SECONDS);
    lifetime.start("metrics", () -> new HealthMetrics(metrics, health, pulse), HealthMetrics::close);
    InternalConfig internal = config.internal();
    InternalHttp http = new InternalHttp(internal.bind(), internal.port(), health, pulse, metrics);
    deploy("internal port", () -> http, new DeploymentOptions());
    internalPort = http.port();
  }

  private void startProbe() throws Exception {
    InternalConfig internal = config.internal();
    deploy("probe", () -> new PostgresProbe(bus, internal.probeInterval(), internal.probeFailures(), health),
        new DeploymentOptions());
  }

  /// Joins the cluster if there is one; that none of its members answers hinders nobody.
  private static Vertx vertx(ServerConfig config, PrometheusMeterRegistry metrics) throws Exception {
    VertxOptions options = new VertxOptions().setEventLoopPoolSize(config.node().eventLoops())
        .setMetricsOptions(new MicrometerMetricsOptions().setEnabled(true));
    ClusterConfig cluster = config.cluster();
    if (cluster.enabled()) {
      options.setEventBusOptions(Membership.bus(cluster));
    }
    VertxBuilder builder = Vertx.builder().with(options).withMetrics(new MicrometerMetricsFactory(metrics))
        .withTransport(Native.transport());
    return cluster.enabled()
        ? builder.withClusterManager(Membership.of(cluster)).buildClustered().await(STOP_SECONDS, TimeUnit.SECONDS)
        : builder.build();
  }
}
