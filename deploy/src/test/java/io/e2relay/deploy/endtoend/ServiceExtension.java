// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import io.e2relay.backing.BackingProcesses;
import io.e2relay.deploy.certificate.DevCertificate;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisAPI;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The service as an operator runs it: `serve` in a process of its own, on a real PostgreSQL and Redis that the test
/// may stop, freeze and kill, with tokens of a test issuer. One for each test class.
public final class ServiceExtension implements BeforeAllCallback, AfterAllCallback {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Vertx VERTX = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));

  private final List<String> settings;
  private final TestIssuer issuer = new TestIssuer();
  private final HttpClient http = HttpClient.newHttpClient();
  private final int port = freePort();
  private final int internalPort = freePort();
  private @Nullable Path folder;
  private @Nullable DevCertificate certificate;
  private @Nullable BackingProcesses backing;
  private @Nullable Process process;

  /// With these lines of configuration besides its own.
  public ServiceExtension(String... settings) {
    this.settings = List.of(settings);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    folder = Files.createDirectories(Path.of("target", "endtoend", context.getRequiredTestClass().getSimpleName()))
        .toAbsolutePath();
    certificate = DevCertificate.in(folder.resolve("certificate"), List.of("localhost"), Instant.now());
    backing = BackingProcesses.start();
    Files.writeString(folder.resolve("jwks.json"), issuer.jwks());
    start();
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    Process running = process;
    if (running != null && running.isAlive()) {
      running.destroy();
      if (!running.waitFor(30, TimeUnit.SECONDS)) {
        running.destroyForcibly().waitFor();
        throw new AssertionError("the service did not stop within 30 s of SIGTERM");
      }
    }
    backing().close();
  }

  public URI url() {
    return URI.create("wss://localhost:" + port + "/v1/connect");
  }

  public Path ca() {
    return set(certificate).authority();
  }

  public DevCertificate certificate() {
    return set(certificate);
  }

  TestIssuer issuer() {
    return issuer;
  }

  public String token(String name) {
    return issuer.token(name);
  }

  String botToken(String name) {
    return issuer.bot(name);
  }

  RawSocket welcomed(String name) {
    return RawSocket.welcomed(url(), ca(), token(name));
  }

  public BackingProcesses backing() {
    return set(backing);
  }

  /// Starts the service, and returns when it is ready.
  void start() {
    try {
      Path log = set(folder).resolve("service.log");
      process = new ProcessBuilder(command()).redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).redirectErrorStream(true).start();
      Until.holds(START_LIMIT, "ready; see " + log, () -> health("ready") == 200);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Kills the service's process with no chance to say goodbye, and returns when it is gone.
  void kill() {
    try {
      set(process).destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The HTTP status of a health question; 0 when nobody answers.
  int health(String kind) {
    try {
      return get("/health/" + kind).statusCode();
    } catch (IOException _) {
      return 0;
    }
  }

  /// The sum of all series of a metric.
  long metric(String name) {
    try {
      return (long) get("/metrics").body().lines()
          .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Connection sql(Postgres postgres) throws SQLException {
    return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password().reveal());
  }

  List<String> redisKeys(String pattern) {
    List<String> keys = new ArrayList<>();
    redis(Command.KEYS, pattern).forEach(key -> keys.add(key.toString()));
    return keys;
  }

  long redisTtlMs(String key) {
    return Long.parseLong(redis(Command.PTTL, key).toString());
  }

  private Response redis(Command command, String argument) {
    Redis address = backing().redis();
    io.vertx.redis.client.Redis client = io.vertx.redis.client.Redis.createClient(VERTX,
        new RedisOptions().setConnectionString("redis://" + address.host() + ":" + address.port())
            .setPassword(address.password().reveal()));
    try {
      return RedisAPI.api(client).send(command, argument).await(5, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("Redis does not answer", e);
    } finally {
      client.close();
    }
  }

  private HttpResponse<String> get(String path) throws IOException {
    try {
      return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + internalPort + path))
          .timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> command() throws IOException {
    Postgres postgres = backing().postgres();
    Redis redis = backing().redis();
    DevCertificate pem = set(certificate);
    Path config = set(folder).resolve("service.properties");
    Files.writeString(config,
        String.join("\n", "relay.port = " + port, "relay.host = 127.0.0.1", "relay.tls.cert.file = " + pem.chain(),
            "relay.tls.key.file = " + pem.key(), "relay.token.issuer = " + TestIssuer.ISSUER,
            "relay.token.audience = " + TestIssuer.AUDIENCE, "keys.pepper.file = " + pepper(),
            "relay.token.jwks.file = " + set(folder).resolve("jwks.json"), "internal.port = " + internalPort,
            "postgres.host = " + postgres.host(), "postgres.port = " + postgres.port(),
            "postgres.database = " + postgres.database(), "postgres.user = " + postgres.user(),
            "postgres.password.file = " + secret("postgres", postgres.password().reveal()),
            "redis.host = " + redis.host(), "redis.port = " + redis.port(),
            "redis.password.file = " + secret("redis", redis.password().reveal()), String.join("\n", settings), ""));
    return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
        System.getProperty("java.class.path"), "io.e2relay.deploy.Main", "serve", "--migrate", "--config",
        config.toString());
  }

  /// The same after every restart.
  private Path pepper() throws IOException {
    Path file = secret("pepper", "1:" + "5a".repeat(32));
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private Path secret(String name, String value) throws IOException {
    return Files.writeString(set(folder).resolve(name + ".password"), value);
  }

  private static <T> T set(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("not started");
    }
    return value;
  }

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
