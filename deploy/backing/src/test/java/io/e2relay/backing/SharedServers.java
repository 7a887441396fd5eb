// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The servers that all test classes of this JVM share: those the environment names, else containers, else our own.
final class SharedServers implements AutoCloseable {
  /// A database server. Who may create databases in it, who shall own them, and how it is stopped.
  record PostgresServer(Postgres creator, Postgres owner, Closeable stop) {
  }

  /// A Redis, whether we may empty it, and how it is stopped.
  record RedisServer(Redis address, boolean ours, Closeable stop) {
  }

  private @Nullable PostgresServer postgres;
  private @Nullable RedisServer redis;
  private @Nullable TestFolder folder;
  private int databases;

  synchronized PostgresTestDatabase freshDatabase() {
    PostgresServer server = postgres;
    if (server == null) {
      server = startPostgres();
      postgres = server;
    }
    databases++;
    String name = "test_" + ProcessHandle.current().pid() + "_" + databases;
    return PostgresTestDatabase.create(server.creator(), server.owner(), name);
  }

  synchronized Redis emptyRedis() {
    RedisServer server = redis;
    if (server == null) {
      server = startRedis();
      redis = server;
    }
    if (server.ours()) {
      RedisTestCommand.run(server.address(), "FLUSHALL");
    }
    return server.address();
  }

  @Override
  public synchronized void close() throws IOException {
    // Each of them, whatever happens to the one before.
    try (TestFolder _ = folder;
        Closeable _ = redis == null ? null : redis.stop();
        Closeable _ = postgres == null ? null : postgres.stop()) {
      postgres = null;
      redis = null;
    }
  }

  private PostgresServer startPostgres() {
    Optional<Postgres> named = TestAddresses.postgres(System.getenv());
    if (named.isPresent()) {
      return new PostgresServer(named.get(), named.get(), () -> {
      });
    }
    if (Containers.available()) {
      return Containers.postgres();
    }
    EmbeddedPostgres server = EmbeddedPostgres.start(folder().path().resolve("postgres"));
    return new PostgresServer(server.superuser(), server.address(), server::close);
  }

  private RedisServer startRedis() {
    Optional<Redis> named = TestAddresses.redis(System.getenv());
    if (named.isPresent()) {
      return new RedisServer(named.get(), false, () -> {
      });
    }
    if (Containers.available()) {
      return Containers.redis();
    }
    EmbeddedRedis server = EmbeddedRedis.start(folder().path().resolve("redis"));
    return new RedisServer(server.address(), true, server::close);
  }

  private TestFolder folder() {
    TestFolder existing = folder;
    if (existing == null) {
      existing = TestFolder.create();
      folder = existing;
    }
    return existing;
  }
}
