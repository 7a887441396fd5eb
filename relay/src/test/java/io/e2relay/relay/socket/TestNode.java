// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.config.Settings;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.relay.RelayConfig;
import io.e2relay.relay.RelayMetrics;
import io.e2relay.relay.RelayNode;
import io.e2relay.relay.RelayVerticle;
import io.e2relay.relay.auth.TokenCheck;
import io.e2relay.relay.auth.TokenVerdict;
import io.e2relay.relay.presence.Registry;
import io.e2relay.relay.world.World;
import io.e2relay.relay.world.WorldOnBus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A relay with two event loops over TLS, and the rest of the service out of a world in memory.
/// Tokens are "user N"; "expired" and everything else are refused.
final class TestNode implements AutoCloseable {
  private static final TokenCheck TOKENS = new TokenCheck() {
    @Override
    public TokenVerdict check(String token) {
      if (token.equals("expired")) {
        return new TokenVerdict.Refused(ErrorCode.TOKEN_EXPIRED);
      }
      List<String> parts = List.of(token.split(" ", -1));
      return parts.size() == 2 && parts.getFirst().equals("user")
          ? new TokenVerdict.Accepted(new TenantId(ByteString.copyFrom(new byte[TenantId.BYTES])),
              new Uid(World.user(Integer.parseInt(parts.getLast()))), token, Long.MAX_VALUE, false)
          : new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID);
    }

    @Override
    public String audience() {
      return "tests";
    }
  };

  static final ByteString ROOM = World.conversation(1);

  final Vertx vertx = Vertx.vertx();
  final World world = new World();
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Set<Long> registered = ConcurrentHashMap.newKeySet();
  final WorldOnBus answers;
  final TestCertificate certificate;
  final int port;
  // Kept: a client that nobody holds is closed by the garbage collector, and its sockets with it.
  final WebSocketClient client;
  private final String deployment;

  TestNode(TestCertificate certificate, Map<String, String> settings) throws IOException, TimeoutException {
    this.certificate = certificate;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    client = vertx.createWebSocketClient(new WebSocketClientOptions().setSsl(true).setMaxFrameSize(8 << 20)
        .setMaxMessageSize(8 << 20).setMaxConnections(10_000)
        .setTrustOptions(new PemTrustOptions().addCertPath(certificate.certFile().toString())));
    world.members(ROOM, Set.of(World.user(1), World.user(2), World.user(3)));
    Bus bus = Bus.of(vertx, Duration.ofSeconds(2));
    answers = WorldOnBus.answer(bus, world);
    Map<String, String> all = new HashMap<>(Map.of("relay.port", String.valueOf(port), "relay.tls.cert.file",
        certificate.certFile().toString(), "relay.tls.key.file", certificate.keyFile().toString(), "relay.tick.ms",
        "20", "relay.drain.spread.ms", "100"));
    all.putAll(settings);
    Settings read = new Settings(all);
    RelayConfig config = RelayConfig.read(read);
    if (!read.mistakes().isEmpty()) {
      throw new IllegalArgumentException(read.mistakes().toString());
    }
    RelayNode node = new RelayNode(bus, config, new RelayMetrics(meters), TOKENS, registry(), InstantSource.system());
    deployment = vertx.deployVerticle(() -> new RelayVerticle(node, request -> request.response().end("a page")),
        new DeploymentOptions().setInstances(2)).await(20, TimeUnit.SECONDS);
  }

  static Map<String, String> settings(String... keysAndValues) {
    Map<String, String> settings = new HashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return settings;
  }

  static TestCertificate certificate(Path folder) throws Exception {
    return TestCertificate.make(folder);
  }

  double gauge(String name) {
    return meters.get(name).gauge().value();
  }

  double closes(CloseCode code) {
    return meters.get("e2relay_closes_total").tag("code", code.name()).counter().count();
  }

  double refusals(ErrorCode code) {
    return meters.get("e2relay_refusals_total").tag("code", code.name()).counter().count();
  }

  void undeploy() throws TimeoutException {
    vertx.undeploy(deployment).await(20, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws TimeoutException {
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private Registry registry() {
    return new Registry() {
      @Override
      public void connected(Uid uid, long connection) {
        registered.add(connection);
      }

      @Override
      public void disconnected(Uid uid, long connection) {
        registered.remove(connection);
      }
    };
  }
}
