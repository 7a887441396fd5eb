// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.backing.EmbeddedPostgres;
import io.e2relay.backing.EmbeddedRedis;
import io.e2relay.backing.Migrations;
import io.e2relay.deploy.certificate.DevCertificate;
import io.e2relay.deploy.folder.DataFolder;
import io.e2relay.deploy.issuer.DevIssuer;
import io.e2relay.deploy.issuer.IssuerHttp;
import io.e2relay.deploy.log.Logs;
import io.e2relay.deploy.node.Lifetime;
import io.e2relay.deploy.node.Node;
import io.e2relay.deploy.node.Schemas;
import io.e2relay.deploy.settings.ServerConfig;
import io.e2relay.keyservice.backup.Peppers;
import io.e2relay.relay.http.Route;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// `up`: everything on this machine, with real PostgreSQL and Redis, for development.
public final class UpCommand implements Command {
  private static final Arguments.Known KNOWN = new Arguments.Known(Configured.and("--port", "--data", "--bind"),
      Set.of("--no-issuer"), 0);
  private static final int PORT = 8443;
  private static final String HOST_KEY = "relay.host";
  private static final String PORT_KEY = "relay.port";

  @Override
  public String name() {
    return "up";
  }

  @Override
  public void run(List<String> given, Terminal terminal) throws UsageException, FailedException {
    Arguments arguments = Arguments.parse(given, KNOWN);
    String data = arguments.option("--data");
    Path folder = data == null ? DataFolder.byDefault(terminal.environment()) : Path.of(data).toAbsolutePath();
    boolean issuer = !arguments.has("--no-issuer");
    ServerConfig config = configure(arguments, terminal, folder, issuer);
    ListenAddress address = ListenAddress.of(config.roles().relay().listen());
    if (issuer) {
      address.requireLoopback();
    }
    Logs.configure(config.log().format(), config.log().level());
    new Running(Lifetime.ofProcess()).run(lifetime -> {
      address.requireFree();
      DataFolder held = lifetime.start("data folder", () -> DataFolder.hold(folder), DataFolder::close);
      start(lifetime, held, config, address, issuer, new Announcement(terminal, data == null ? null : folder));
    });
  }

  private static void start(Lifetime lifetime, DataFolder data, ServerConfig config, ListenAddress address,
      boolean issuer, Announcement announcement) throws Exception {
    InstantSource clock = InstantSource.system();
    // Libraries and caches that are extracted while we run; /tmp may forbid to execute, and a kill leaves them behind.
    String scratch = data.emptied("tmp").toString();
    System.setProperty("io.netty.native.workdir", scratch);
    System.setProperty("vertx.cacheDirBase", scratch);
    DevCertificate certificate = DevCertificate.in(data.inside("certificate"), address.names(), clock.instant());
    List<Route> routes = issuer ? routes(DevIssuer.in(data.inside("issuer"), clock), address) : List.of();
    ServerConfig.Services services = startServices(lifetime, data);
    Node.Ports ports = Node.start(lifetime, config, services, routes);
    lifetime.onEnding(announcement::printEnd);
    announcement.print(address.withPort(ports.open()), ports.internal(), data.path(), certificate, issuer);
  }

  /// Both at once: each takes a while, and neither needs the other.
  private static ServerConfig.Services startServices(Lifetime lifetime, DataFolder data) throws Exception {
    Path postgresFolder = data.inside("postgres");
    Path redisFolder = data.inside("redis");
    Peppers peppers = OwnPeppers.in(data.inside("pepper"));
    try (ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<EmbeddedRedis> redis = both.submit((Callable<EmbeddedRedis>) () -> lifetime.start("Redis", () -> {
        EmbeddedRedis started = EmbeddedRedis.start(redisFolder);
        started.leaveExitToCaller();
        return started;
      }, EmbeddedRedis::close));
      EmbeddedPostgres postgres = lifetime.start("PostgreSQL", () -> {
        EmbeddedPostgres started = EmbeddedPostgres.start(postgresFolder);
        started.leaveExitToCaller();
        return started;
      }, EmbeddedPostgres::close);
      Migrations.run(postgres.address(), Schemas.ALL);
      return new ServerConfig.Services(postgres.address(), redis.get().address(), peppers);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static List<Route> routes(DevIssuer issuer, ListenAddress address) throws Exception {
    IssuerHttp http = new IssuerHttp(issuer, address.origins());
    return List.of(new Route("POST", IssuerHttp.TOKEN_PATH, http::answerToken),
        new Route("GET", IssuerHttp.KEYS_PATH, http::answerKeys));
  }

  private static ServerConfig configure(Arguments arguments, Terminal terminal, Path folder, boolean issuer)
      throws UsageException {
    // The internal port's number matters to nobody here, so it must not be in anybody's way.
    Map<String, String> defaults = new HashMap<>(
        Map.of("internal.port", "0", PORT_KEY, String.valueOf(PORT), HOST_KEY, "127.0.0.1"));
    Path certificate = folder.resolve("certificate");
    Map<String, String> decided = new HashMap<>(
        Map.of("relay.tls.cert.file", certificate.resolve(DevCertificate.CHAIN).toString(), "relay.tls.key.file",
            certificate.resolve(DevCertificate.KEY).toString(), "cluster.enabled", "false"));
    if (issuer) {
      decided.putAll(Map.of("relay.token.issuer", DevIssuer.ISSUER, "relay.token.audience", DevIssuer.AUDIENCE,
          "relay.token.jwks.file", folder.resolve("issuer").resolve(DevIssuer.JWKS).toString()));
    }
    Map<String, String> flags = new HashMap<>();
    if (arguments.has("--port")) {
      flags.put(PORT_KEY, String.valueOf(arguments.number("--port", PORT, 1, 65_535)));
    }
    String bind = arguments.option("--bind");
    if (bind != null) {
      flags.put(HOST_KEY, bind);
    }
    return Configured.forUp(arguments, terminal, new Configured.Layers(defaults, flags, decided));
  }
}
