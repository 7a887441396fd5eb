// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.database;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One connection, lent until a deadline; used by one task.
///
/// To wake a thread costs more than many a statement does. So what is to be sent is kept until somebody waits for an
/// answer, and then the connection's event loop is woken once for all of it, and the task once for all the answers.
public final class PostgresSession {
  private final ContextInternal loop;
  private final SqlConnection connection;
  private final long deadline;
  private final List<Supplier<Future<?>>> unsent = new ArrayList<>();
  private @Nullable Future<Transaction> transaction;

  /// @param loop the event loop of the connection
  /// @param deadline in the terms of [System#nanoTime]
  PostgresSession(ContextInternal loop, SqlConnection connection, long deadline) {
    this.loop = loop;
    // That it broke is told by whatever waits for it; without a handler it would be printed too.
    this.connection = connection.exceptionHandler(_ -> {
    });
    this.deadline = deadline;
  }

  /// Everything from now on, until `commit`; that it has begun is known with the next answer.
  public void begin() {
    transaction = later(connection::begin);
  }

  /// Makes what was done since `begin` durable; a session that is returned without it has done nothing.
  public void commit() {
    Future<Transaction> begun = transaction;
    if (begun == null) {
      throw new IllegalStateException("no transaction");
    }
    settle();
    inTime(loop, () -> begun.result().commit(), deadline);
    transaction = null;
  }

  /// Does not wait for the answer. PostgreSQL does all statements in the order of these calls; whether this one failed
  /// is known with the next answer that is waited for, and its rows are there then.
  public Future<RowSet<Row>> send(String sql, @Nullable Object... arguments) {
    Tuple tuple = Tuple.from(arguments);
    return later(() -> connection.preparedQuery(sql).execute(tuple));
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
    if (transaction == null && !unsent.isEmpty()) {
      throw new IllegalStateException("a statement that nobody waited for");
    }
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
    if (unsent.isEmpty()) {
      return;
    }
    List<Supplier<Future<?>>> all = List.copyOf(unsent);
    unsent.clear();
    inTime(loop, () -> Future.all(all.stream().map(Supplier::get).toList()), deadline);
  }

  private <T> Future<T> later(Supplier<Future<T>> asked) {
    Promise<T> answer = Promise.promise();
    unsent.add(() -> asked.get().onComplete(answer));
    return answer.future();
  }

  /// @param asked called on the event loop, where the time is taken too
  static <T extends @Nullable Object> T inTime(ContextInternal loop, Supplier<Future<T>> asked, long deadline) {
    long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()));
    Promise<T> answer = loop.promise();
    loop.runOnContext(_ -> loop.<Void>succeededFuture().compose(_ -> asked.get()).timeout(left, TimeUnit.MILLISECONDS)
        .onComplete(answer));
    return answer.future().recover(e -> Future.failedFuture(new Unavailable(e))).await();
  }
}
