// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import io.e2relay.backing.Migrations;
import io.e2relay.backing.Schema;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/// A database with the schema of the log: its door, logs on it, and SQL beside them.
final class StoreDatabase implements Door {
  static final List<Schema> SCHEMAS = List.of(new Schema("store", "db/store"));

  private final Vertx vertx = Vertx.vertx();
  private final Postgres postgres;
  private final Pool pool;

  StoreDatabase(Postgres postgres) {
    this.postgres = postgres;
    Migrations.run(postgres, SCHEMAS);
    PgConnectOptions options = new PgConnectOptions().setHost(postgres.host()).setPort(postgres.port())
        .setDatabase(postgres.database()).setUser(postgres.user()).setPassword(postgres.password().reveal());
    this.pool = PgBuilder.pool().with(new PoolOptions().setMaxSize(4)).connectingTo(options).using(vertx).build();
  }

  Pool pool() {
    return pool;
  }

  /// A log with connections of its own, on an event loop of its own, to be used from anywhere.
  Log newLog() {
    Context context = vertx.getOrCreateContext();
    Promise<Log> made = Promise.promise();
    // A test may ask for much at once.
    PostgresLines.Limits limits = new PostgresLines.Limits(4, 1_000, LogSubject.PATIENCE, LogSubject.PATIENCE,
        LogSubject.PATIENCE);
    context.runOnContext(_ -> {
      StoreMetrics metrics = Samples.metrics();
      made.complete(new PostgresLog(new PostgresLines(vertx, postgres, limits, metrics),
          new PostgresLines(vertx, postgres, limits, metrics)));
    });
    return new LogOnLoop(context, LogSubject.await(made.future()));
  }

  List<Row> ask(String sql, Object... parameters) {
    List<Row> rows = new ArrayList<>();
    LogSubject.await(pool.preparedQuery(sql).execute(Tuple.from(parameters))).forEach(rows::add);
    return rows;
  }

  static Buffer buffer(ByteString bytes) {
    return Buffer.buffer(bytes.toByteArray());
  }

  @Override
  public Future<OptionalLong> fence(ConversationId conversation, long epoch, boolean open, ByteString control) {
    return pool.preparedQuery("""
        SELECT last_seq, received_ms FROM store.fence($1::bytea, $2::bigint, $3::boolean, $4::bytea)""")
        .execute(Tuple.of(buffer(conversation.bytes()), epoch, open, buffer(control))).map(StoreDatabase::seq);
  }

  @Override
  public Future<OptionalLong> note(ConversationId conversation, ByteString control) {
    return pool.preparedQuery("""
        SELECT last_seq, received_ms FROM store.note($1::bytea, $2::bytea)""")
        .execute(Tuple.of(buffer(conversation.bytes()), buffer(control))).map(StoreDatabase::seq);
  }

  private static OptionalLong seq(RowSet<Row> rows) {
    return rows.size() == 0 ? OptionalLong.empty() : OptionalLong.of(rows.iterator().next().getLong("last_seq"));
  }

  @Override
  public Future<Void> erase(ConversationId conversation, long seq) {
    return pool.preparedQuery("""
        UPDATE store.entry SET body = NULL WHERE conversation_id = $1::bytea AND seq = $2::bigint""")
        .execute(Tuple.of(buffer(conversation.bytes()), seq)).mapEmpty();
  }

  void close() {
    LogSubject.await(vertx.close());
  }

  private record LogOnLoop(Context context, Log log) implements Log {

    private <T> Future<T> there(Supplier<Future<T>> question) {
      Promise<T> answer = Promise.promise();
      context.runOnContext(_ -> question.get().onComplete(answer));
      return answer.future();
    }

    @Override
    public Future<List<Outcome>> append(Batch batch) {
      return there(() -> log.append(batch));
    }

    @Override
    public Future<ReadOutcome> read(Window window) {
      return there(() -> log.read(window));
    }

    @Override
    public Future<List<HeadState>> heads(List<ConversationId> conversations) {
      return there(() -> log.heads(conversations));
    }

    @Override
    public Future<Boolean> durable() {
      return there(log::durable);
    }
  }
}
