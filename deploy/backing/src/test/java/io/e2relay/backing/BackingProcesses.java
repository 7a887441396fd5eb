// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A PostgreSQL and a Redis for one test class alone, to be stopped, killed and frozen; always embedded.
///
/// Addresses never change: a server that starts again has its old port and password, PostgreSQL also its data.
public final class BackingProcesses implements AutoCloseable {
  private final TestFolder folder;
  private EmbeddedPostgres postgres;
  private EmbeddedRedis redis;

  private BackingProcesses(TestFolder folder, EmbeddedPostgres postgres, EmbeddedRedis redis) {
    this.folder = folder;
    this.postgres = postgres;
    this.redis = redis;
  }

  /// Starts a pair; whoever calls this closes it, which also deletes the data.
  public static BackingProcesses start() {
    TestFolder folder = TestFolder.create();
    EmbeddedPostgres postgres = EmbeddedPostgres.start(folder.path().resolve("postgres"));
    EmbeddedRedis redis = EmbeddedRedis.start(folder.path().resolve("redis"));
    return new BackingProcesses(folder, postgres, redis);
  }

  /// The folder of this pair; a test may put files of its own into it.
  public Path folder() {
    return folder.path();
  }

  public synchronized Postgres postgres() {
    return postgres.address();
  }

  public synchronized Postgres postgresSuperuser() {
    return postgres.superuser();
  }

  public synchronized Redis redis() {
    return redis.address();
  }

  /// All processes of PostgreSQL, the postmaster first.
  public synchronized List<Long> postgresPids() {
    return postgres.pids();
  }

  public synchronized long redisPid() {
    return redis.pid();
  }

  /// Kills every process of PostgreSQL at once; returns when all are gone. Killing the dead does nothing.
  public synchronized void killPostgres() {
    postgres.kill();
  }

  /// Stops PostgreSQL as an operator would; connections are ended.
  public synchronized void stopPostgres() {
    postgres.close();
  }

  /// Starts PostgreSQL again on its port and its data; does nothing if it runs.
  public synchronized void startPostgres() {
    if (!postgres.isAlive()) {
      postgres = EmbeddedPostgres.start(folder.path().resolve("postgres"), postgres.address().port());
    }
  }

  /// Stops every process of PostgreSQL in the middle of its work: connections stay open and nobody answers.
  public synchronized void freezePostgres() {
    postgres.freeze();
  }

  public synchronized void thawPostgres() {
    postgres.thaw();
  }

  public synchronized void killRedis() {
    redis.kill();
  }

  public synchronized void stopRedis() {
    redis.close();
  }

  /// Starts Redis again, empty, on its port with its password; does nothing if it runs.
  public synchronized void startRedis() {
    if (!redis.isAlive()) {
      redis = EmbeddedRedis.start(folder.path().resolve("redis"), redis.address().port(), redis.address().password());
    }
  }

  public synchronized void freezeRedis() {
    redis.freeze();
  }

  public synchronized void thawRedis() {
    redis.thaw();
  }

  @Override
  public synchronized void close() throws IOException {
    try (folder; var _ = redis; var _ = postgres) {
      thawPostgres();
      thawRedis();
    }
  }
}
