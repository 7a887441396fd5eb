// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.database;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection, lent until a deadline; used by one task.
public final class PostgresSession {
  private final SqlConnection connection;
  private final long deadline;
  private final List<Future<?>> unanswered = new ArrayList<>();
  private @Nullable Future<Transaction> transaction;

  /// @param deadline in the terms of [System#nanoTime]
  PostgresSession(SqlConnection connection, long deadline) {
    // That it broke is told by whatever waits for it; without a handler it would be printed too.
    this.connection = connection.exceptionHandler(_ -> {
    });
    this.deadline = deadline;
  }

  /// Everything from now on, until `commit`; that it has begun is known with the next answer.
  public void begin() {
    Future<Transaction> begun = connection.begin();
    unanswered.add(begun);
    transaction = begun;
  }

  /// Makes what was done since `begin` durable; a session that is returned without it has done nothing.
  public void commit() {
    Future<Transaction> begun = transaction;
    if (begun == null) {
      throw new IllegalStateException("no transaction");
    }
    settle();
    inTime(begun.result().commit(), deadline);
    transaction = null;
  }

  /// Sends a statement and does not wait: to wait costs more than many a statement does. PostgreSQL does them in the
  /// order in which they are sent; whether this one failed is known with the next answer, and its rows are there then.
  public Future<RowSet<Row>> send(String sql, @Nullable Object... arguments) {
    Future<RowSet<Row>> sent = connection.preparedQuery(sql).execute(Tuple.from(arguments));
    unanswered.add(sent);
    return sent;
  }

  public RowSet<Row> run(String sql, @Nullable Object... arguments) {
    Future<RowSet<Row>> sent = send(sql, arguments);
    settle();
    return sent.result();
  }

  @Nullable
  public Row first(String sql, @Nullable Object... arguments) {
    RowSet<Row> rows = run(sql, arguments);
    return rows.size() == 0 ? null : rows.iterator().next();
  }

  /// Gives the connection back, rolling back what was not committed.
  void giveBack() {
    connection.close();
  }

  /// Closes the socket under the connection: it may still wait for an answer, or be in a state that nobody knows.
  ///
  /// The pool's own way queues behind the unanswered statement; only Vert.x's inside leads to the socket.
  void abandon() {
    if (connection instanceof SqlConnectionInternal inside
        && inside.unwrap().unwrap() instanceof SocketConnectionBase base) {
      base.socket().close();
    } else {
      throw new IllegalStateException("no socket under " + connection.getClass());
    }
  }

  /// Waits for all that was sent. The first failure counts: what comes behind it fails because of it.
  public void settle() {
    List<Future<?>> all = List.copyOf(unanswered);
    unanswered.clear();
    inTime(Future.all(all), deadline);
  }

  static <T> T inTime(Future<T> answer, long deadline) {
    long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
    return answer.timeout(left, TimeUnit.MILLISECONDS).recover(e -> Future.failedFuture(new Unavailable(e))).await();
  }
}
