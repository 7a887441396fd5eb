// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.backing.BackingExtension;
import io.e2relay.protocol.config.Postgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class PostgresLogIT implements LogContract {
  private final StoreDatabase database;
  private final Log log;

  PostgresLogIT(Postgres postgres) {
    database = new StoreDatabase(postgres);
    log = database.newLog();
  }

  @Override
  public Log log() {
    return log;
  }

  @Override
  public Door door() {
    return database;
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void the_log_is_durable_where_postgresql_is() {
    Assertions.assertTrue(LogSubject.await(log.durable()));
  }
}
