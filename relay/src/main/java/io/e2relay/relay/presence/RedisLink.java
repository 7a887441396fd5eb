// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import io.e2relay.protocol.config.Redis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to Redis that comes back by itself. All methods belong on the event loop that opened it.
///
/// The client reconnects nothing, fails nothing that is never answered, and leaves a socket open whose handshake
/// failed. So every attempt has a client of its own that is closed with it, every batch has a deadline, and a batch
/// that fails in any way ends the connection.
final class RedisLink {
  /// Is told of every new connection and of every loss of one.
  interface Owner {
    void linked();

    void unlinked();
  }

  private static final int CONNECT_MS = 3_000;
  private static final int ANSWER_MS = 2_000;
  private static final long RETRY_MS_MIN = 250;
  private static final long RETRY_MS_MAX = 10_000;
  private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);

  private record Session(io.vertx.redis.client.Redis client, RedisConnection connection) {
  }

  private final Vertx vertx;
  private final RedisOptions options;
  private final Owner owner;
  private @Nullable Session session;
  private Future<Void> sending = Future.succeededFuture();
  private boolean closed;
  private int failures;
  private long timer = -1;

  RedisLink(Vertx vertx, Redis redis, int commandsMax, Owner owner) {
    this.vertx = vertx;
    this.owner = owner;
    String host = redis.host().contains(":") ? "[" + redis.host() + "]" : redis.host();
    options = new RedisOptions().setConnectionString("redis://" + host + ":" + redis.port()).setMaxPoolSize(1)
        .setMaxPoolWaiting(1).setMaxWaitingHandlers(commandsMax);
    options.getNetClientOptions().setConnectTimeout(CONNECT_MS);
    if (!redis.password().reveal().isEmpty()) {
      options.setPassword(redis.password().reveal());
    }
  }

  void open() {
    if (closed) {
      return;
    }
    io.vertx.redis.client.Redis client = io.vertx.redis.client.Redis.createClient(vertx, options);
    client.connect().timeout(CONNECT_MS, TimeUnit.MILLISECONDS)
        .onComplete(connection -> opened(new Session(client, connection)), problem -> {
          client.close();
          again(problem);
        });
  }

  /// Whether a batch may be sent now; there is never more than one on its way.
  boolean isFree() {
    return session != null && sending.isComplete();
  }

  /// Fails, and ends the connection, when Redis refuses one of the commands or is slow.
  Future<Void> send(List<Request> batch) {
    return ask(batch).mapEmpty();
  }

  /// Yields an answer for each of them; absent ones are null.
  Future<List<@Nullable Response>> ask(List<Request> batch) {
    Session current = session;
    if (current == null) {
      return Future.failedFuture("not connected to Redis");
    }
    Future<List<@Nullable Response>> answers = current.connection.batch(batch).timeout(ANSWER_MS, TimeUnit.MILLISECONDS)
        .onComplete(_ -> failures = 0, problem -> lost(current, problem));
    sending = answers.mapEmpty();
    return answers;
  }

  /// Completes when the batch on its way, if any, has been answered or given up.
  Future<Void> idle() {
    return sending.otherwiseEmpty();
  }

  Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    owner.unlinked();
    Session current = session;
    session = null;
    if (current != null) {
      current.client.close();
    }
    return Future.succeededFuture();
  }

  private void opened(Session opened) {
    if (closed) {
      opened.client.close();
      return;
    }
    opened.connection.exceptionHandler(problem -> lost(opened, problem));
    opened.connection.endHandler(_ -> lost(opened, new IllegalStateException("closed by Redis")));
    session = opened;
    LOG.info("connected to Redis");
    owner.linked();
  }

  private void lost(Session lost, Throwable problem) {
    if (lost.equals(session)) {
      session = null;
      lost.client.close();
      owner.unlinked();
      again(problem);
    }
  }

  private void again(Throwable problem) {
    if (closed) {
      return;
    }
    long ceilingMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN << Math.min(failures, 10));
    long pauseMs = ceilingMs / 2 + ThreadLocalRandom.current().nextLong(ceilingMs / 2 + 1);
    // Once per outage; the gauge tells how long it lasts.
    if (failures == 0) {
      LOG.warn("Redis is gone ({}); messages flow without it", problem.getMessage());
    }
    failures++;
    timer = vertx.setTimer(pauseMs, _ -> open());
  }
}
