// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.config;

/// Where PostgreSQL is and who we are there.
public record Postgres(String host, int port, String database, String user, Secret password) {

  public static Postgres read(Settings settings) {
    return new Postgres(settings.text("postgres.host", "localhost", "Host of the PostgreSQL primary."),
        settings.number("postgres.port", 5432, 1, 65_535, "Port of the PostgreSQL primary."),
        settings.text("postgres.database", "e2relay", "Name of the database."),
        settings.text("postgres.user", "e2relay", "Role to log in as."),
        settings.secretFile("postgres.password.file", "File with the role's password."));
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }
}
