// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// The service's front door: tokens from its development issuer, and sockets.
final class Door implements AutoCloseable {
  private static final int SOCKETS_MAX = 20_000;
  private static final int FRAME_BYTES_MAX = 1 << 20;
  // On a busy machine a handshake may take too long for either side; then another is begun.
  private static final int SECONDS = 120;
  private static final int TRIES = 20;

  private final URI url;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));
  private final WebSocketClient sockets;
  private final HttpClientAgent issuer;

  Door(ServiceProcess service) {
    PemTrustOptions authority = new PemTrustOptions().addCertPath(service.said("authority"));
    this.url = URI.create(service.said("WSS"));
    this.sockets = vertx.createWebSocketClient(new WebSocketClientOptions().setSsl(true).setTrustOptions(authority)
        .setMaxConnections(SOCKETS_MAX).setMaxFrameSize(FRAME_BYTES_MAX).setMaxMessageSize(FRAME_BYTES_MAX));
    this.issuer = vertx.createHttpClient(new HttpClientOptions().setSsl(true).setTrustOptions(authority)
        .setDefaultHost(url.getHost()).setDefaultPort(url.getPort()));
  }

  /// A socket, before its Hello.
  Line open() {
    return patiently(() -> Line.open(sockets, url));
  }

  String token(String name) {
    Buffer answer = patiently(() -> await(issuer.request(HttpMethod.POST, "/dev/token")
        .compose(request -> request.send("{\"name\":\"" + name + "\"}")).compose(HttpClientResponse::body)));
    return answer.toJsonObject().getString("token");
  }

  private static <T> T patiently(Supplier<T> tried) {
    for (int tries = 1;; tries++) {
      try {
        return tried.get();
      } catch (RuntimeException e) {
        if (tries == TRIES) {
          throw e;
        }
      }
    }
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("the service gives no answer", e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
