// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Postgres;
import java.util.List;
import java.util.function.ToIntFunction;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// Brings the schemas of a database to the newest version; forward only, and nothing is ever dropped.
public final class Migrations {
  private Migrations() {
  }

  /// Migrates one schema after the other, in the given order, and tells how many steps were taken. What is done
  /// already is not done again, and two callers at once do it once. Throws BackingException.
  public static int run(Postgres postgres, List<Schema> schemas) {
    return sum(postgres, schemas, flyway -> flyway.migrate().migrationsExecuted);
  }

  /// How many steps [#run] would take; changes nothing. Throws BackingException.
  public static int pending(Postgres postgres, List<Schema> schemas) {
    return sum(postgres, schemas, flyway -> flyway.info().pending().length);
  }

  /// A schema as text, the same for equal schemas: tables, columns, constraints, indexes, views, functions, storage.
  public static String dump(Postgres postgres, String schema) {
    return PostgresSchemaDump.of(postgres, schema);
  }

  private static int sum(Postgres postgres, List<Schema> schemas, ToIntFunction<Flyway> steps) {
    int sum = 0;
    for (Schema schema : schemas) {
      try {
        sum += steps
            .applyAsInt(Flyway.configure(Migrations.class.getClassLoader()).loggers(QuietLog.Creator.class.getName())
                .dataSource(postgres.jdbcUrl(), postgres.user(), postgres.password().reveal()).schemas(schema.name())
                .defaultSchema(schema.name()).createSchemas(true).locations("classpath:" + schema.location())
                .failOnMissingLocations(true).cleanDisabled(true).load());
      } catch (FlywayException e) {
        throw new BackingException(Problem.MIGRATION, "The schema " + schema.name() + " of " + postgres.host() + ":"
            + postgres.port() + "/" + postgres.database() + " could not be migrated: " + e.getMessage(), e);
      }
    }
    return sum;
  }
}
