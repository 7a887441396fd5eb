// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.database;

import io.e2relay.protocol.config.Postgres;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Lends connections to PostgreSQL, and sees to it that nobody waits for it longer than the timeout.
public final class PostgresSessions {
  private static final int TRIES = 4;
  private static final Set<String> TRY_AGAIN = Set.of("40001", "40P01");
  private static final Duration IDLE = Duration.ofSeconds(20);
  private static final Duration LIFETIME = Duration.ofMinutes(30);

  /// @param connections in the pool at most
  /// @param waiting for a connection at most; one more is refused at once
  /// @param timeout for everything that one caller asks of PostgreSQL together
  public record Bounds(int connections, int waiting, Duration timeout) {
  }

  private final Pool pool;
  // Of all connections: a pool makes them on the event loop of who asks.
  private final ContextInternal loop;
  private final Duration timeout;

  public PostgresSessions(Vertx vertx, Postgres postgres, Bounds bounds) {
    this.loop = ((VertxInternal) vertx).createEventLoopContext();
    this.timeout = bounds.timeout();
    String millis = String.valueOf(timeout.toMillis());
    PgConnectOptions connect = new PgConnectOptions().setHost(postgres.host()).setPort(postgres.port())
        .setDatabase(postgres.database()).setUser(postgres.user()).setPassword(postgres.password().reveal())
        .setCachePreparedStatements(true).addProperty("application_name", "e2relay-keys")
        // For statements whose caller has gone, and for transactions left open by a frozen node.
        .addProperty("statement_timeout", millis).addProperty("idle_in_transaction_session_timeout", millis);
    // A peer that has vanished without a word answers no keep-alive; what waits for it has given up long before.
    NetClientOptions net = new NetClientOptions().setConnectTimeout((int) timeout.toMillis()).setTcpNoDelay(true)
        .setTcpKeepAlive(true).setTcpUserTimeout((int) timeout.toMillis())
        .setReadIdleTimeout((int) (2 * IDLE.toSeconds()));
    PoolOptions options = new PoolOptions().setMaxSize(bounds.connections()).setMaxWaitQueueSize(bounds.waiting())
        .setConnectionTimeout((int) timeout.toMillis()).setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
        .setIdleTimeout((int) IDLE.toSeconds()).setIdleTimeoutUnit(TimeUnit.SECONDS)
        .setMaxLifetime((int) LIFETIME.toSeconds()).setMaxLifetimeUnit(TimeUnit.SECONDS);
    this.pool = PgBuilder.pool().with(options).with(net).connectingTo(connect).using(vertx).build();
  }

  /// Does the work on one connection; again, from its start, where PostgreSQL asks for that. Work that fails has done
  /// nothing, unless it is the commit that failed: of that nothing is known.
  public <T extends @Nullable Object> T with(Function<PostgresSession, T> work) {
    long deadline = System.nanoTime() + timeout.toNanos();
    for (int tried = 1;; tried++) {
      PostgresSession session = new PostgresSession(loop, borrow(deadline), deadline);
      boolean clean = false;
      try {
        T result = work.apply(session);
        clean = true;
        return result;
      } catch (Unavailable e) {
        clean = asksToTryAgain(e);
        if (!clean || tried == TRIES) {
          throw e;
        }
      } finally {
        if (clean) {
          session.giveBack();
        } else {
          session.abandon();
        }
      }
    }
  }

  private SqlConnection borrow(long deadline) {
    Promise<SqlConnection> lent = Promise.promise();
    try {
      return PostgresSession.inTime(loop, () -> pool.getConnection().onComplete(lent), deadline);
    } catch (Unavailable e) {
      // One that comes after all is for others.
      lent.future().onSuccess(SqlConnection::close);
      throw e;
    }
  }

  public Future<Void> close() {
    return pool.close();
  }

  private static boolean asksToTryAgain(Unavailable e) {
    return e.getCause() instanceof PgException refusal && TRY_AGAIN.contains(refusal.getSqlState());
  }
}
