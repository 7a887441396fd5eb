// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Postgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/// A database that exists as long as one test class runs.
record PostgresTestDatabase(Postgres creator, Postgres address) implements AutoCloseable {
  private static final String DROP = """
      DROP DATABASE IF EXISTS "%s" WITH (FORCE)""";

  static PostgresTestDatabase create(Postgres creator, Postgres owner, String name) {
    run(creator, DROP.formatted(name));
    run(creator, """
        CREATE DATABASE "%s" OWNER "%s" TEMPLATE template0""".formatted(name, owner.user()));
    return new PostgresTestDatabase(creator,
        new Postgres(owner.host(), owner.port(), name, owner.user(), owner.password()));
  }

  @Override
  public void close() {
    run(creator, DROP.formatted(address.database()));
  }

  private static void run(Postgres creator, String sql) {
    try (
        Connection connection = DriverManager.getConnection(creator.jdbcUrl(), creator.user(),
            creator.password().reveal());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("the test database server refused: " + e.getMessage(), e);
    }
  }
}
