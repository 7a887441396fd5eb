// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.node;

import io.e2relay.deploy.settings.ClusterConfig;
import io.e2relay.deploy.settings.ServerConfig;
import io.e2relay.keyservice.KeyMetrics;
import io.e2relay.keyservice.KeyVerticle;
import io.e2relay.protocol.bus.Role;
import io.e2relay.relay.RelayMetrics;
import io.e2relay.relay.RelayNode;
import io.e2relay.relay.RelayVerticle;
import io.e2relay.relay.auth.Jwks;
import io.e2relay.relay.auth.JwtCheck;
import io.e2relay.relay.http.PublicHttp;
import io.e2relay.relay.http.Route;
import io.e2relay.relay.presence.PresenceMetrics;
import io.e2relay.relay.presence.RedisHearing;
import io.e2relay.relay.presence.RedisRegistry;
import io.e2relay.store.NodesVerticle;
import io.e2relay.store.StoreMetrics;
import io.e2relay.store.StoreVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.ThreadingModel;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The roles in the order in which they start: who is asked before who asks. They stop the other way round, so a
/// relay that drains still gets its answers.
final class Roles {
  private final Node node;
  private final ServerConfig.Roles config;
  private final ServerConfig.Services services;

  private Roles(Node node, ServerConfig.Services services) {
    this.node = node;
    this.config = node.config().roles();
    this.services = services;
  }

  /// Starts those that this node plays, and tells the public port; 0 where there is no relay.
  static int start(Node node, ServerConfig.Services services, List<Route> routes) throws Exception {
    Roles roles = new Roles(node, services);
    StoreMetrics metrics = new StoreMetrics(node.metrics());
    if (node.self().roles().contains(Role.STORE)) {
      roles.startStore(metrics);
    }
    if (node.self().roles().contains(Role.KEYSERVICE)) {
      roles.startKeyservice();
    }
    if (node.config().cluster().enabled()) {
      roles.startNodes(metrics);
    }
    return node.self().roles().contains(Role.RELAY) ? roles.startRelay(routes) : 0;
  }

  private void startStore(StoreMetrics metrics) throws Exception {
    node.deploy("store", () -> new StoreVerticle(node.bus(), config.store(), services.postgres(), metrics),
        new DeploymentOptions());
  }

  /// Between the roles that others ask and the relay: others ask when there is somebody to answer, and every node knows
  /// of this one before the first client is here.
  private void startNodes(StoreMetrics metrics) throws Exception {
    ClusterConfig cluster = node.config().cluster();
    String place = "process %d on %s, reached at %s:%d".formatted(ProcessHandle.current().pid(), hostName(),
        cluster.bus().host(), cluster.bus().publicPort());
    NodesVerticle nodes = new NodesVerticle(node.bus(), services.postgres(),
        new NodesVerticle.Self(node.self(), cluster.gone(), place),
        lost -> node.lifetime().fail(String.valueOf(lost.getMessage())), metrics);
    node.deploy("list of nodes", () -> nodes, new DeploymentOptions());
    node.lifetime().onEnding(nodes::leaving);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      return "a host without a name";
    }
  }

  private void startKeyservice() throws Exception {
    KeyMetrics metrics = new KeyMetrics(node.metrics());
    node.deploy("keyservice",
        () -> new KeyVerticle(node.bus(), config.keys(), services.postgres(), services.peppers(), metrics),
        new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD));
  }

  private void startHearing(RelayNode relay, InstantSource clock) throws Exception {
    RedisHearing hearing = new RedisHearing(node.vertx(), services.redis(), node.self().id(), node.bus()::isCrowded,
        relay, clock);
    relay.fanout().tell(hearing);
    node.lifetime().start("hearing", () -> {
      hearing.start();
      return hearing;
    }, started -> node.await(started.stop()));
  }

  private int startRelay(List<Route> routes) throws Exception {
    InstantSource clock = InstantSource.system();
    Jwks keys = node.lifetime().start("token keys", () -> node.await(Jwks.start(node.vertx(), config.token(), clock)),
        started -> node.await(started.close()));
    RedisRegistry registry = new RedisRegistry(node.vertx(), services.redis(), UUID.randomUUID().toString(),
        config.presence(), new PresenceMetrics(node.metrics()), clock);
    node.lifetime().start("presence", () -> {
      registry.start();
      return registry;
    }, started -> node.await(started.stop()));
    RelayNode shared = new RelayNode(node.bus(), config.relay(), new RelayMetrics(node.metrics()),
        new JwtCheck(config.token(), keys, clock), registry, clock);
    if (node.config().cluster().enabled()) {
      startHearing(shared, clock);
    }
    PublicHttp http = new PublicHttp(routes);
    ConcurrentLinkedQueue<RelayVerticle> verticles = new ConcurrentLinkedQueue<>();
    node.deploy("relay", () -> {
      RelayVerticle verticle = new RelayVerticle(shared, http::handle);
      verticles.add(verticle);
      return verticle;
    }, new DeploymentOptions().setInstances(node.config().node().eventLoops()));
    return verticles.element().port();
  }
}
