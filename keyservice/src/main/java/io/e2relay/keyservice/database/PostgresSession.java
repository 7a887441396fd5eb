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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One connection, lent until a deadline; used by one task.
public final class PostgresSession {
  private final SqlConnection connection;
  private final long deadline;
  private @Nullable Transaction transaction;

  /// @param deadline in the terms of [System#nanoTime]
  PostgresSession(SqlConnection connection, long deadline) {
    // That it broke is told by whatever waits for it; without a handler it would be printed too.
    this.connection = connection.exceptionHandler(_ -> {
    });
    this.deadline = deadline;
  }

  public void begin() {
    transaction = inTime(connection.begin(), deadline);
  }

  /// Makes what was done since `begin` durable; a session that is returned without it has done nothing.
  public void commit() {
    if (transaction == null) {
      throw new IllegalStateException("no transaction");
    }
    inTime(transaction.commit(), deadline);
    transaction = null;
  }

  public RowSet<Row> run(String sql, @Nullable Object... arguments) {
    return inTime(connection.preparedQuery(sql).execute(Tuple.from(arguments)), deadline);
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

  static <T> T inTime(Future<T> answer, long deadline) {
    long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
    return answer.timeout(left, TimeUnit.MILLISECONDS).recover(e -> Future.failedFuture(new Unavailable(e))).await();
  }
}
