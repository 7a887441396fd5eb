// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import io.e2relay.backing.BackingProcesses;
import io.e2relay.client.Relay;
import io.e2relay.deploy.certificate.DevCertificate;
import io.e2relay.deploy.endtoend.TestIssuer;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Several nodes as an operator runs them: `serve --cluster`, each in a process of its own, on one PostgreSQL and one
/// Redis. Nodes reach each other over strands that a test can cut; clients and databases are reached directly.
final class ClusterExtension implements BeforeAllCallback, AfterAllCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final List<String> roles;
  private final List<String> settings;
  private final TestIssuer issuer = new TestIssuer();
  private final Sieve sieve = new Sieve();
  private final List<NodeProcess> nodes = new ArrayList<>();
  private BackingProcesses backing;
  private DevCertificate certificate;
  private Path folder;

  /// A node for each list of roles, with these lines of configuration besides their own.
  @SuppressWarnings("NullAway.Init")
  ClusterExtension(List<String> roles, String... settings) {
    this.roles = List.copyOf(roles);
    this.settings = List.of(settings);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    folder = Files.createDirectories(Path.of("target", "cluster", context.getRequiredTestClass().getSimpleName()))
        .toAbsolutePath();
    certificate = DevCertificate.in(folder.resolve("certificate"), List.of("localhost"), Instant.now());
    backing = BackingProcesses.start();
    Files.writeString(folder.resolve("jwks.json"), issuer.jwks());
    for (int i = 0; i < roles.size(); i++) {
      nodes.add(new NodeProcess("node-" + i, "node-" + i, roles.get(i), folder, sieve));
    }
    for (NodeProcess node : nodes) {
      node.configure(common(nodes));
      // One after the other: the first one takes the database to this release.
      node.start();
      node.awaitReady();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    for (NodeProcess node : nodes) {
      node.end();
    }
    backing.close();
  }

  NodeProcess node(int index) {
    return nodes.get(index);
  }

  List<NodeProcess> nodes() {
    return List.copyOf(nodes);
  }

  /// Another process with the name of this node, which knows only PostgreSQL of what they share; not started yet, and
  /// whoever calls this ends it.
  NodeProcess twin(int of) throws IOException {
    NodeProcess twin = new NodeProcess("twin-of-" + of, "node-" + of, roles.get(of), folder, sieve);
    twin.configure(common(List.of(twin)));
    return twin;
  }

  /// Whether all that nodes sent each other has come.
  boolean isSettled() {
    return nodes.stream().allMatch(node -> node.metric("e2relay_link_outstanding_bytes") == 0);
  }

  /// All that nodes tell each other goes through it.
  Sieve sieve() {
    return sieve;
  }

  /// Deletes all that is in Redis.
  void emptyRedis() throws IOException {
    Redis redis = backing.redis();
    try (Socket socket = new Socket(redis.host(), redis.port())) {
      String commands = "AUTH %s\r\nFLUSHALL\r\nQUIT\r\n".formatted(redis.password().reveal());
      socket.getOutputStream().write(commands.getBytes(StandardCharsets.US_ASCII));
      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (!answers.equals("+OK\r\n".repeat(3))) {
        throw new IllegalStateException("Redis answered " + answers);
      }
    }
  }

  BackingProcesses backing() {
    return backing;
  }

  String token(String name) {
    return issuer.token(name);
  }

  /// For clients that go to this node first, and to the others when it is away.
  Relay relay(int first) {
    Relay relay = Relay.at(node(first).url());
    for (int i = 1; i < nodes.size(); i++) {
      NodeProcess other = nodes.get((first + i) % nodes.size());
      relay = other.hasRelay() ? relay.or(other.url()) : relay;
    }
    return relay.trusting(certificate.authority()).timeout(PATIENCE);
  }

  /// For clients that only ever go to this node.
  Relay only(int node) {
    return Relay.at(node(node).url()).trusting(certificate.authority()).timeout(PATIENCE);
  }

  /// Between the nodes nothing comes through; clients and databases notice nothing.
  void cut() {
    nodes.forEach(NodeProcess::cut);
  }

  void mend() {
    nodes.forEach(NodeProcess::mend);
  }

  private List<String> common(List<NodeProcess> members) throws IOException {
    Postgres postgres = backing.postgres();
    Redis redis = backing.redis();
    List<String> lines = new ArrayList<>(
        List.of("relay.host = 127.0.0.1", "relay.tls.cert.file = " + certificate.chain(),
            "relay.tls.key.file = " + certificate.key(), "relay.token.issuer = " + TestIssuer.ISSUER,
            "relay.token.audience = " + TestIssuer.AUDIENCE, "relay.token.jwks.file = " + folder.resolve("jwks.json"),
            "keys.pepper.file = " + closed("pepper", "1:" + "5a".repeat(32)), "postgres.host = " + postgres.host(),
            "postgres.port = " + postgres.port(), "postgres.database = " + postgres.database(),
            "postgres.user = " + postgres.user(),
            "postgres.password.file = " + closed("postgres.password", postgres.password().reveal()),
            "redis.host = " + redis.host(), "redis.port = " + redis.port(),
            "redis.password.file = " + closed("redis.password", redis.password().reveal()),
            "cluster.members = " + members.stream().map(NodeProcess::membersAddress).collect(Collectors.joining(","))));
    lines.addAll(settings);
    return lines;
  }

  private Path closed(String name, String content) {
    try {
      Path file = Files.writeString(folder.resolve(name), content);
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
