// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Postgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// One statement to PostgreSQL in a connection of its own.
final class PostgresQuestion {
  // A test that asks a server that never answers fails, and the others go on.
  private static final String LIMITS = "?loginTimeout=120&socketTimeout=120";

  private PostgresQuestion() {
  }

  /// The first value of the first row.
  static String ask(Postgres postgres, String sql) {
    try (Connection connection = connect(postgres);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      if (!rows.next()) {
        throw new AssertionError("no row: " + sql);
      }
      return String.valueOf(rows.getString(1));
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  static void tell(Postgres postgres, String sql) {
    try (Connection connection = connect(postgres); Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  static Connection connect(Postgres postgres) throws SQLException {
    return DriverManager.getConnection(postgres.jdbcUrl() + LIMITS, postgres.user(), postgres.password().reveal());
  }
}
