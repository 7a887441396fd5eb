// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.e2relay.loadtest.measure.Child;
import io.e2relay.loadtest.measure.CpuAccount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// What measured services stand on: PostgreSQL that writes to the disk, Redis, a token issuer and a certificate, all of
/// an `up` that itself serves nobody.
final class Site implements AutoCloseable {
  private final List<String> server;
  private final Path folder;
  private final Path data;
  private final Child up;
  private final Generator generator;

  private Site(List<String> server, Path folder, Generator generator) {
    this.server = List.copyOf(server);
    this.folder = folder;
    this.data = folder.resolve("data");
    this.generator = generator;
    this.up = Child.start(with(server, "up", "--port", String.valueOf(Child.freePort()), "--data", data.toString()),
        "Ctrl-C");
  }

  /// @param server the command to which the server's own arguments are added
  static Site open(List<String> server, Generator generator) {
    try {
      return new Site(server, Files.createTempDirectory("e2relay-bench"), generator);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> server() {
    return server;
  }

  static String ownClasses() {
    return Path.of(Site.class.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
  }

  Path data() {
    return data;
  }

  Path certificate() {
    return data.resolve("certificate/server.pem");
  }

  Path certificateKey() {
    return data.resolve("certificate/server-key.pem");
  }

  int postgresPort() {
    return Integer.parseInt(read(data.resolve("postgres/port")).strip());
  }

  String postgresPassword() {
    return read(postgresPasswordFile()).strip();
  }

  CpuAccount postgres() {
    return up.postgres();
  }

  /// How services are told where all of this is.
  List<String> settings() {
    return List.of("postgres.host=127.0.0.1", "postgres.port=" + postgresPort(),
        "postgres.password.file=" + postgresPasswordFile(), "redis.host=127.0.0.1", "redis.port=" + redis("port"),
        "redis.password.file=" + redisPasswordFile(), "keys.pepper.file=" + data.resolve("pepper/pepper"),
        "relay.token.issuer=e2relay-dev", "relay.token.audience=e2relay",
        "relay.token.jwks.file=" + data.resolve("issuer/jwks.json"));
  }

  Tokens tokens() {
    return new Tokens(generator, up.said("WSS"));
  }

  @Override
  public void close() {
    up.close();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> with(List<String> command, String... more) {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of(more));
    return words;
  }

  private Path postgresPasswordFile() {
    return data.resolve("postgres/e2relay.password");
  }

  private Path redisPasswordFile() {
    Path file = folder.resolve("redis.password");
    try {
      if (!Files.exists(file)) {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, redis("requirepass"));
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String redis(String setting) {
    return read(data.resolve("redis/redis.conf")).lines().filter(line -> line.startsWith(setting + " "))
        .map(line -> line.substring(setting.length()).strip().replace("\"", "")).findFirst().orElseThrow();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
