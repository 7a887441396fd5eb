// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import io.e2relay.protocol.config.Secret;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/// The shared servers as containers, where a container engine answers.
final class Containers {
  private static final String POSTGRES = "postgres:18.4";
  private static final String REDIS = "redis:6.2";
  private static final int REDIS_PORT = 6379;

  private Containers() {
  }

  /// That there is no engine is no error here, so nothing is logged of it.
  static boolean available() {
    for (String name : new String[]{"org.testcontainers", "com.github.dockerjava", "tc"}) {
      if (LoggerFactory.getLogger(name) instanceof Logger logger) {
        logger.setLevel(Level.OFF);
      }
    }
    return DockerClientFactory.instance().isDockerAvailable();
  }

  static SharedServers.PostgresServer postgres() {
    PostgreSQLContainer container = new PostgreSQLContainer(DockerImageName.parse(POSTGRES))
        .withUsername(PostgresFolder.SERVICE).withDatabaseName(PostgresFolder.SERVICE)
        .withPassword(OwnFolder.newSecret()).withCommand("postgres", "-c", "max_connections=100");
    container.start();
    Postgres address = new Postgres(container.getHost(), container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
        container.getDatabaseName(), container.getUsername(), new Secret(container.getPassword()));
    return new SharedServers.PostgresServer(address, address, container::stop);
  }

  static SharedServers.RedisServer redis() {
    String password = OwnFolder.newSecret();
    GenericContainer<?> container = new GenericContainer<>(DockerImageName.parse(REDIS)).withExposedPorts(REDIS_PORT)
        .withCommand("redis-server", "--save", "", "--appendonly", "no", "--requirepass", password);
    container.start();
    Redis address = new Redis(container.getHost(), container.getMappedPort(REDIS_PORT), new Secret(password));
    return new SharedServers.RedisServer(address, true, container::stop);
  }
}
