// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.delivery;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/// The clients of all measured servers: one event loop, so that its own cost is the same for each of them.
final class Generator implements AutoCloseable {
  private static final int SECONDS = 120;
  private static final int AT_ONCE = 64;
  private static final int PORTS_BACKLOG_BYTES = 1 << 16;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1)
      .setUseDaemonThread(true).setBlockedThreadCheckInterval(TimeUnit.HOURS.toMillis(1)));
  private final NetClient plain = vertx.createNetClient(options());
  private final NetClient sealed = vertx
      .createNetClient(options().setSsl(true).setTrustAll(true).setHostnameVerificationAlgorithm(""));

  NetClient client(boolean tls) {
    return tls ? sealed : plain;
  }

  Vertx vertx() {
    return vertx;
  }

  /// Runs it on the event loop.
  <T> T onLoop(Callable<Future<T>> task) {
    Promise<T> done = Promise.promise();
    vertx.runOnContext(_ -> call(task).onComplete(done));
    return await(done.future());
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("the server gives no answer", e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private static <T> Future<T> call(Callable<Future<T>> task) {
    try {
      return task.call();
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }

  private static NetClientOptions options() {
    return new NetClientOptions().setTcpNoDelay(true).setReceiveBufferSize(PORTS_BACKLOG_BYTES);
  }

  /// So many of something, a bounded number of them at once, in order.
  <T> List<T> many(int count, IntFunction<Future<T>> one) {
    List<T> all = new ArrayList<>();
    for (int from = 0; from < count; from += AT_ONCE) {
      int begin = from;
      int end = Math.min(count, from + AT_ONCE);
      all.addAll(onLoop(() -> {
        List<Future<T>> some = new ArrayList<>();
        for (int i = begin; i < end; i++) {
          some.add(one.apply(i));
        }
        return Future.all(some).map(done -> done.<T>list());
      }));
    }
    return all;
  }
}
