// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.config.Postgres;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.spi.ConnectionFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A few connections to PostgreSQL, each with one statement at a time, none of which keeps a caller waiting too long.
///
/// The client's own pool cannot give up a connection whose server answers nothing: it waits for the answer before it
/// closes, and its connect timeout ends with the TCP handshake, which a stopped server still completes. So each line
/// here has a network client of its own, and giving up the line closes that client and with it the socket. While
/// PostgreSQL cannot be reached, only one line at a time tries, so that a server that comes back does not first
/// have to serve a queue of dead connections. A statement that was given up may still be carried out.
///
/// Belongs to the event loop that made it.
final class PostgresLines {
  /// How many lines and waiting statements, and the time that each step has.
  record Limits(int lines, int waiting, Duration deadline, Duration connect, Duration statement) {

    /// As many lines as there are batches in flight, so that a batch waits only for a line that is being connected.
    static Limits appends(StoreConfig config) {
      StoreConfig.Connections connections = config.connections();
      return new Limits(connections.appends(), connections.appends(), config.queue().deadline(),
          connections.connectTimeout(), connections.statementTimeout());
    }

    static Limits reads(StoreConfig config) {
      StoreConfig.Connections connections = config.connections();
      return new Limits(connections.reads(), config.pages().waiting(), config.pages().deadline(),
          connections.connectTimeout(), connections.statementTimeout());
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(PostgresLines.class);
  private static final long SWEEP_MS = 25;
  private static final long RETRY_NANOS = Duration.ofMillis(250).toNanos();
  private static final long LIFETIME_NANOS = Duration.ofMinutes(30).toNanos();
  // PostgreSQL's own timeout comes first, and leaves the connection usable.
  private static final long GRACE_NANOS = Duration.ofMillis(250).toNanos();

  private record Ask(String sql, Tuple parameters, long due, Promise<RowSet<Row>> promise) {
  }

  private enum State {
    ABSENT, CONNECTING, IDLE, BUSY
  }

  private static final class Line {
    private State state = State.ABSENT;
    private @Nullable ConnectionFactory<PgConnectOptions> factory;
    private @Nullable SqlConnection connection;
    private @Nullable Ask ask;
    private long since;
    private long born;
    /// Changes when the line is given up, so that late news of what it was is known as such.
    private long life;
  }

  private final Vertx vertx;
  private final Context context;
  private final PgConnectOptions options;
  private final Limits limits;
  private final StoreMetrics metrics;
  private final List<Line> lines = new ArrayList<>();
  private final ArrayDeque<Ask> waiting = new ArrayDeque<>();
  private final long sweeper;
  private boolean reachable = true;
  private boolean closed;
  private long retryAt;

  PostgresLines(Vertx vertx, Postgres postgres, Limits limits, StoreMetrics metrics) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.options = options(postgres, limits);
    this.limits = limits;
    this.metrics = metrics;
    this.retryAt = System.nanoTime();
    for (int i = 0; i < limits.lines(); i++) {
      lines.add(new Line());
    }
    this.sweeper = vertx.setPeriodic(SWEEP_MS, _ -> sweep());
  }

  private static PgConnectOptions options(Postgres postgres, Limits limits) {
    PgConnectOptions options = new PgConnectOptions().setHost(postgres.host()).setPort(postgres.port())
        .setDatabase(postgres.database()).setUser(postgres.user()).setPassword(postgres.password().reveal())
        .setCachePreparedStatements(true)
        // By default only statements shorter than 2048 characters are kept prepared.
        .setPreparedStatementCacheSqlFilter(_ -> true).setPipeliningLimit(1);
    options.addProperty("application_name", "e2relay-store");
    options.addProperty("statement_timeout", String.valueOf(limits.statement().toMillis()));
    // Every statement reaches its rows by key. A plan that was made and kept while a table was small, or compiled
    // because its cost was overrated, must not cost more when there are many rows.
    options.addProperty("enable_seqscan", "off");
    options.addProperty("jit", "off");
    return options;
  }

  /// The answer to a statement, or a failure by the deadline.
  Future<RowSet<Row>> ask(String sql, Tuple parameters) {
    if (closed || waiting.size() >= limits.waiting()) {
      return Future.failedFuture(new Unavailable("too many statements wait"));
    }
    Ask ask = new Ask(sql, parameters, System.nanoTime() + limits.deadline().toNanos(), Promise.promise());
    waiting.add(ask);
    serve();
    return ask.promise().future();
  }

  /// Closes all connections at once; what still waits fails.
  Future<Void> close() {
    closed = true;
    vertx.cancelTimer(sweeper);
    lines.forEach(this::drop);
    waiting.forEach(ask -> ask.promise().tryFail(new Unavailable("closed")));
    waiting.clear();
    return Future.succeededFuture();
  }

  private void serve() {
    for (Line line : lines) {
      if (waiting.isEmpty() || closed) {
        return;
      }
      if (line.state == State.IDLE) {
        execute(line, waiting.remove());
      }
    }
    long connecting = lines.stream().filter(line -> line.state == State.CONNECTING).count();
    long wanted = reachable ? waiting.size() : retryAt - System.nanoTime() <= 0 ? 1 : 0;
    for (Line line : lines) {
      if (connecting < wanted && line.state == State.ABSENT) {
        connect(line);
        connecting++;
      }
    }
  }

  private void connect(Line line) {
    NetClientOptions transport = new NetClientOptions().setTcpKeepAlive(true).setTcpNoDelay(true)
        .setConnectTimeout((int) limits.connect().toMillis());
    ConnectionFactory<PgConnectOptions> factory = PgDriver.INSTANCE.createConnectionFactory(vertx, transport);
    line.state = State.CONNECTING;
    line.factory = factory;
    line.since = System.nanoTime();
    line.born = line.since;
    long life = line.life;
    factory.connect(context, options).onComplete(connection -> {
      if (line.life == life) {
        connected(line, connection);
      }
    }, failure -> {
      if (line.life == life) {
        failed(line, failure.getClass().getSimpleName());
      }
    });
  }

  private void connected(Line line, SqlConnection connection) {
    if (!reachable) {
      LOG.info("PostgreSQL is reachable again");
    }
    reachable = true;
    long life = line.life;
    connection.closeHandler(_ -> {
      if (line.life == life) {
        drop(line);
        serve();
      }
    });
    // A server that goes down says so before it closes; the close is what counts.
    connection.exceptionHandler(failure -> LOG.info("PostgreSQL ends a connection ({})", sqlState(failure)));
    line.connection = connection;
    line.state = State.IDLE;
    serve();
  }

  private void failed(Line line, String why) {
    if (reachable) {
      LOG.warn("PostgreSQL cannot be reached ({})", why);
    }
    metrics.connectFailed();
    reachable = false;
    retryAt = System.nanoTime() + RETRY_NANOS;
    drop(line);
  }

  private void execute(Line line, Ask ask) {
    SqlConnection connection = line.connection;
    if (connection == null) {
      throw new IllegalStateException("an idle line is connected");
    }
    line.state = State.BUSY;
    line.ask = ask;
    line.since = System.nanoTime();
    long life = line.life;
    connection.preparedQuery(ask.sql()).execute(ask.parameters()).onComplete(rows -> {
      if (line.life == life) {
        finished(line, null);
      }
      ask.promise().tryComplete(rows);
    }, failure -> {
      if (line.life == life) {
        finished(line, failure);
      }
      ask.promise().tryFail(failure);
    });
  }

  private void finished(Line line, @Nullable Throwable failure) {
    line.ask = null;
    line.state = State.IDLE;
    boolean old = System.nanoTime() - line.born > LIFETIME_NANOS;
    if (old || (failure != null && !usable(failure))) {
      drop(line);
    }
    serve();
  }

  /// Whether a connection is good for another statement after this failure.
  private static boolean usable(Throwable failure) {
    String state = sqlState(failure);
    // No SQL error at all, connection trouble, a server that shuts down, and a primary that has become read-only.
    return !state.isEmpty() && !state.startsWith("08") && !state.startsWith("57P") && !state.equals("25006");
  }

  /// The SQLSTATE of the failure; empty if PostgreSQL did not name one.
  static String sqlState(Throwable failure) {
    return failure instanceof PgException refused && refused.getSqlState() != null ? refused.getSqlState() : "";
  }

  private void sweep() {
    long now = System.nanoTime();
    for (Line line : lines) {
      if (line.state == State.CONNECTING && now - line.since > limits.connect().toNanos()) {
        failed(line, "no answer");
      }
      if (line.state == State.BUSY && now - line.since > limits.statement().toNanos() + GRACE_NANOS) {
        LOG.warn("PostgreSQL answers nothing; the connection is given up");
        metrics.connectionGivenUp();
        drop(line);
      }
      if (line.ask != null && now - line.ask.due() > 0) {
        // The caller leaves; the statement has the rest of its own time.
        line.ask.promise().tryFail(new Unavailable("no answer in time"));
      }
    }
    while (!waiting.isEmpty() && now - waiting.peek().due() > 0) {
      waiting.remove().promise().tryFail(new Unavailable("no connection in time"));
    }
    serve();
  }

  private void drop(Line line) {
    ConnectionFactory<PgConnectOptions> factory = line.factory;
    Ask ask = line.ask;
    line.state = State.ABSENT;
    line.factory = null;
    line.connection = null;
    line.ask = null;
    line.life++;
    if (factory != null) {
      factory.close(Promise.promise());
    }
    if (ask != null) {
      ask.promise().tryFail(new Unavailable("no answer in time"));
    }
  }
}
