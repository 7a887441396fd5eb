// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Cursor;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What PostgreSQL gives a client that does nothing else: batches of 64 rows with a row that counts, on four
/// connections at once, and a cursor over a log that is there.
final class BareStore {
  private static final int CONNECTIONS = 4;
  private static final int ROWS = 64;
  private static final int PAYLOAD_BYTES = 1024;
  private static final int PAGE_ROWS = 100;
  private static final List<String> TABLES = List.of("SET client_min_messages = warning",
      "CREATE SCHEMA IF NOT EXISTS bench",
      "CREATE TABLE IF NOT EXISTS bench.head (id int PRIMARY KEY, last_seq bigint NOT NULL) WITH (fillfactor = 70)",
      "CREATE TABLE IF NOT EXISTS bench.entry (id int, seq bigint, body bytea, PRIMARY KEY (id, seq))",
      "ALTER TABLE bench.entry ALTER COLUMN body SET STORAGE EXTERNAL",
      "INSERT INTO bench.head SELECT n, 0 FROM generate_series(0, 3) n ON CONFLICT DO NOTHING");
  private static final String APPEND = """
      WITH head AS (UPDATE bench.head SET last_seq = last_seq + cardinality($2::bytea[]) WHERE id = $1
        RETURNING last_seq - cardinality($2::bytea[]) AS before)
      INSERT INTO bench.entry
        SELECT $1, before + n, body FROM head, unnest($2::bytea[]) WITH ORDINALITY AS b(body, n)""";
  private static final String READ = """
      SELECT seq, epoch, uid, device_id, msg_id, received_at, body FROM store.entry
      WHERE conversation_id = $1 ORDER BY seq""";

  private static final String FLUSHES = """
      SELECT coalesce(sum(fsyncs), 0)::bigint FROM pg_stat_io WHERE object = 'wal'""";

  private final List<PgConnection> connections;
  private final List<Tuple> batches;

  private BareStore(List<PgConnection> connections) {
    this.connections = connections;
    Buffer[] bodies = Stream.generate(() -> Buffer.buffer(new byte[PAYLOAD_BYTES])).limit(ROWS).toArray(Buffer[]::new);
    this.batches = IntStream.range(0, CONNECTIONS).mapToObj(i -> Tuple.of(i).addArrayOfBuffer(bodies)).toList();
  }

  static BareStore open(Generator generator, Site site) {
    PgConnectOptions options = new PgConnectOptions().setHost("127.0.0.1").setPort(site.postgresPort())
        .setDatabase("e2relay").setUser("e2relay").setPassword(site.postgresPassword())
        .setCachePreparedStatements(true);
    Vertx vertx = generator.vertx();
    List<PgConnection> connections = generator.many(CONNECTIONS, _ -> PgConnection.connect(vertx, options));
    for (String statement : TABLES) {
      generator.onLoop(() -> connections.getFirst().query(statement).execute());
    }
    return new BareStore(connections);
  }

  /// One setting of the server.
  Future<String> setting(String name) {
    return connections.getFirst().query("SHOW " + name).execute().map(rows -> rows.iterator().next().getString(0));
  }

  /// How often the log was flushed onto the disk since PostgreSQL began; PostgreSQL tells it up to a second late.
  Future<Long> flushes() {
    return connections.getFirst().query(FLUSHES).execute().map(rows -> rows.iterator().next().getLong(0));
  }

  /// How many rows were committed.
  Future<Long> append(long nanos) {
    long until = System.nanoTime() + nanos;
    List<Future<Long>> all = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      all.add(append(i, until, 0));
    }
    return Future.all(all).map(done -> done.<Long>list().stream().mapToLong(Long::longValue).sum());
  }

  private Future<Long> append(int connection, long until, long before) {
    return connections.get(connection).preparedQuery(APPEND).execute(batches.get(connection))
        .compose(_ -> System.nanoTime() < until
            ? append(connection, until, before + ROWS)
            : Future.succeededFuture(before + ROWS));
  }

  /// How many entries of the log the cursor gave.
  Future<Long> read(ByteString conversation) {
    PgConnection connection = connections.getFirst();
    return connection.begin()
        .compose(transaction -> connection.prepare(READ)
            .compose(
                statement -> read(statement, statement.cursor(Tuple.of(Buffer.buffer(conversation.toByteArray()))), 0))
            .compose(count -> transaction.commit().map(count)));
  }

  private static Future<Long> read(PreparedStatement statement, Cursor cursor, long before) {
    return cursor.read(PAGE_ROWS).compose(rows -> {
      long count = before + rows.size();
      return cursor.hasMore()
          ? read(statement, cursor, count)
          : cursor.close().compose(_ -> statement.close()).map(count);
    });
  }

  void close(Generator generator) {
    generator.onLoop(() -> connections.getFirst().query("DROP SCHEMA bench CASCADE").execute());
    generator.many(CONNECTIONS, i -> connections.get(i).close());
  }
}
