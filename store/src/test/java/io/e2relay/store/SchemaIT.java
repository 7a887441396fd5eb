// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.StoreDatabase.buffer;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.backing.BackingExtension;
import io.e2relay.backing.Migrations;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/// The schema is what is checked in, and holds out against what a bug might write.
/// After a new migration: `mvn test -pl store -am -Dtest=SchemaIT -Dschema.write=true`, and look at the difference.
@ExtendWith(BackingExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class SchemaIT {
  private static final Path CHECKED_IN = Path.of("src/test/resources/schema-store.txt");
  private static final String CHECK_VIOLATED = "23514";
  private static final String INSERT = """
      INSERT INTO store.entry (conversation_id, seq, epoch, kind, uid, device_id, msg_id, received_at, body, body_hash)
      VALUES ($1::bytea, $2::bigint, $3::bigint, $4::smallint, $5::bytea, $6::bytea, $7::bytea, clock_timestamp(),
        $8::bytea, $9::bytea)""";

  private final Postgres postgres;
  private final StoreDatabase database;

  SchemaIT(Postgres postgres) {
    this.postgres = postgres;
    this.database = new StoreDatabase(postgres);
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void the_schema_is_the_one_that_is_checked_in() throws IOException {
    String dump = Migrations.dump(postgres, "store");
    if (Boolean.getBoolean("schema.write")) {
      Files.writeString(CHECKED_IN, dump);
    }
    assertEquals(Files.readString(CHECKED_IN), dump);
  }

  @Test
  void migrating_twice_changes_nothing() {
    assertEquals(0, Migrations.run(postgres, StoreDatabase.SCHEMAS));
  }

  private record Fields(long seq, int kind, @Nullable Integer sender, @Nullable Integer body, int hash) {
  }

  private String insert(ConversationId conversation, Fields fields) {
    Object sender = fields.sender() == null ? null : buffer(Samples.filled(fields.sender(), 7));
    Object body = fields.body() == null ? null : buffer(Samples.filled(fields.body(), 7));
    Future<?> inserted = database.pool().preparedQuery(INSERT)
        .execute(Tuple.tuple().addValue(buffer(conversation.bytes())).addValue(fields.seq()).addValue(1L)
            .addValue((short) fields.kind()).addValue(sender).addValue(sender).addValue(sender).addValue(body)
            .addValue(buffer(Samples.filled(fields.hash(), 7))));
    return LogSubject.await(inserted.map("stored")
        .otherwise(failure -> failure instanceof PgException refused ? refused.getSqlState() : failure.toString()));
  }

  @Test
  void rows_of_the_right_lengths_are_stored() {
    ConversationId id = Samples.conversation();
    assertEquals("stored", insert(id, new Fields(1, 1, 16, 10, 32)));
    assertEquals("stored", insert(id, new Fields(2, 2, null, 10, 32)));
    assertEquals("stored", insert(id, new Fields(3, 2, null, null, 32)));
    assertEquals("stored", insert(id, new Fields(4, 2, null, 1_048_576, 32)));
  }

  @Test
  void rows_of_other_lengths_are_refused() {
    ConversationId id = Samples.conversation();
    assertEquals(CHECK_VIOLATED, insert(id, new Fields(0, 1, 16, 10, 32)));
    assertEquals(CHECK_VIOLATED, insert(id, new Fields(1, 3, 16, 10, 32)));
    assertEquals(CHECK_VIOLATED, insert(id, new Fields(1, 1, 15, 10, 32)));
    assertEquals(CHECK_VIOLATED, insert(id, new Fields(1, 1, 17, 10, 32)));
    assertEquals(CHECK_VIOLATED, insert(id, new Fields(1, 1, null, 10, 32)));
    assertEquals(CHECK_VIOLATED, insert(id, new Fields(1, 2, 16, 10, 32)));
    assertEquals(CHECK_VIOLATED, insert(id, new Fields(1, 1, 16, 1_048_577, 32)));
    assertEquals(CHECK_VIOLATED, insert(id, new Fields(1, 1, 16, 10, 31)));
  }

  @Test
  void a_conversation_id_of_another_length_begins_no_conversation() {
    for (int length : new int[]{31, 33}) {
      Future<String> begun = database.pool().preparedQuery("""
          SELECT last_seq FROM store.fence($1::bytea, 1, true, ''::bytea)""")
          .execute(Tuple.of(buffer(Samples.filled(length, 1)))).map("begun");
      assertEquals(CHECK_VIOLATED, LogSubject.await(begun
          .otherwise(failure -> failure instanceof PgException refused ? refused.getSqlState() : failure.toString())));
    }
  }
}
