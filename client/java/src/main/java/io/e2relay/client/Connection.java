// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.Challenge;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.RefreshToken;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Welcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One device's connection, kept up: says Hello, asks, and after every break asks again what is still unanswered.
///
/// Lives on one event loop; only that loop touches its fields.
final class Connection {
  /// What the connection tells its owner, on its event loop.
  interface Listener {
    void welcomed(Welcome welcome);

    void event(ServerFrame frame);
  }

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String CLIENT_NAME = "e2relay-java/0.1";

  private final Relay relay;
  private final Supplier<String> tokens;
  private final DeviceId device;
  private final Listener listener;
  private final Vertx vertx = Relay.vertx();
  private final Context context = ((io.vertx.core.internal.VertxInternal) vertx).createEventLoopContext();
  private final WebSocketClient sockets;
  private final FrameWire wire;
  private final Map<Long, Asked> unanswered = new LinkedHashMap<>();
  private final Promise<Welcome> firstWelcome = Promise.promise();
  private final List<Promise<Welcome>> renewing = new ArrayList<>();

  private @Nullable WebSocket socket;
  private boolean attached;
  private boolean welcomed;
  private boolean closed;
  private @Nullable Error lastRefusal;
  private long lastId;
  private long helloId;
  private int failures;
  // Each goes to the next address; where it was good it stays.
  private int tries;
  private long refreshTimer = -1;

  /// A request and who waits for its answer. The id stays the same over reconnects, like the request.
  private record Asked(ClientFrame frame, Promise<ServerFrame> answer, long timer, long giveUpNanos) {
  }

  Connection(Relay relay, Supplier<String> tokens, DeviceId device, Listener listener) {
    this.relay = relay;
    this.tokens = tokens;
    this.device = device;
    this.listener = listener;
    this.wire = new FrameWire(relay.subprotocol());
    this.sockets = vertx.createWebSocketClient(relay.socketOptions());
  }

  /// Connects; succeeds with the first Welcome, fails when the service refuses for good.
  Future<Welcome> start() {
    context.runOnContext(_ -> open());
    return firstWelcome.future();
  }

  /// Asks until there is an answer, a refusal that no retry helps, or no time left.
  Future<ServerFrame> ask(ClientFrame.Builder request) {
    Promise<ServerFrame> answer = Promise.promise();
    context.runOnContext(_ -> {
      if (closed) {
        answer.fail(new DisconnectedException("the connection is closed"));
        return;
      }
      long id = ++lastId;
      long timer = vertx.setTimer(relay.requestTimeout().toMillis(), _ -> giveUp(id));
      Asked asked = new Asked(request.setId(id).build(), answer, timer,
          System.nanoTime() + relay.requestTimeout().toNanos());
      unanswered.put(id, asked);
      if (welcomed) {
        transmit(asked);
      }
    });
    return answer.future();
  }

  /// Connects anew, so that the service looks again at who this device is; succeeds with the next Welcome.
  Future<Welcome> renew() {
    Promise<Welcome> next = Promise.promise();
    context.runOnContext(_ -> {
      if (closed) {
        next.fail(new DisconnectedException("the connection is closed"));
        return;
      }
      renewing.add(next);
      WebSocket open = socket;
      if (open != null && welcomed) {
        open.close();
      }
    });
    return next.future();
  }

  Future<Void> close() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(_ -> {
      WebSocket open = attached ? socket : null;
      end("the connection was closed by this side");
      (open == null ? Future.<Void>succeededFuture() : open.close()).transform(_ -> sockets.close())
          .onComplete(_ -> done.complete());
    });
    return done.future();
  }

  /// Does something after that time, if the connection is not closed by then.
  void later(long ms, Runnable action) {
    vertx.setTimer(ms, _ -> context.runOnContext(_ -> {
      if (!closed) {
        action.run();
      }
    }));
  }

  void run(Runnable action) {
    context.runOnContext(_ -> action.run());
  }

  private void open() {
    if (closed) {
      return;
    }
    URI url = relay.url(tries);
    int port = url.getPort() < 0 ? 443 : url.getPort();
    // Handlers come before the connection: the Challenge may be in the first bytes.
    ClientWebSocket opening = sockets.webSocket();
    wire.read(opening, frame -> received(opening, frame));
    opening.exceptionHandler(_ -> opening.close());
    opening.closeHandler(_ -> detached(opening));
    socket = opening;
    opening.connect(new WebSocketConnectOptions().setHost(url.getHost()).setPort(port).setSsl(true)
        .setURI(url.getRawPath()).addSubProtocol(relay.subprotocol().token())).onComplete(opened -> {
          if (closed) {
            opened.close();
          }
        }, _ -> failed(opening));
  }

  private void failed(WebSocket gone) {
    if (gone.equals(socket)) {
      socket = null;
      tryAgain();
    }
  }

  private void detached(WebSocket gone) {
    if (!gone.equals(socket)) {
      return;
    }
    socket = null;
    attached = false;
    welcomed = false;
    vertx.cancelTimer(refreshTimer);
    Short code = gone.closeStatusCode();
    if (closed) {
      return;
    }
    if (code != null && code >= 4500) {
      Error refusal = lastRefusal;
      RuntimeException why = refusal != null
          ? new RefusedException(refusal)
          : new DisconnectedException("the service closed the connection for good: " + code);
      firstWelcome.tryFail(why);
      end("the service closed the connection for good: " + code);
      return;
    }
    tryAgain();
  }

  private void tryAgain() {
    if (!closed) {
      tries++;
      vertx.setTimer(Math.max(1, Backoff.delayMs(failures++, RANDOM)), _ -> context.runOnContext(_ -> open()));
    }
  }

  private void received(WebSocket from, ServerFrame frame) {
    if (!from.equals(socket)) {
      return;
    }
    if (frame.getReplyTo() == 0) {
      if (frame.hasChallenge()) {
        hello(from, frame.getChallenge());
      } else if (frame.hasError()) {
        lastRefusal = frame.getError();
      } else {
        listener.event(frame);
      }
    } else if (frame.getReplyTo() == helloId) {
      greeted(frame);
    } else {
      answered(frame);
    }
  }

  private void hello(WebSocket to, Challenge challenge) {
    helloId = ++lastId;
    // A source of tokens may ask a server of its own.
    vertx.executeBlocking(tokens::get, false).onComplete(token -> context.runOnContext(_ -> {
      if (to.equals(socket)) {
        Hello.Builder hello = Hello.newBuilder().setToken(token).setDeviceId(device.bytes()).setClient(CLIENT_NAME);
        relay.proof().prove(challenge).ifPresent(hello::setLogin);
        wire.write(to, ClientFrame.newBuilder().setId(helloId).setHello(hello).build());
      }
    }), _ -> to.close());
  }

  private void greeted(ServerFrame frame) {
    if (!frame.hasWelcome()) {
      lastRefusal = frame.hasError() ? frame.getError() : null;
      return;
    }
    failures = 0;
    welcomed = true;
    lastRefusal = null;
    Welcome welcome = frame.getWelcome();
    refreshBefore(Duration.ofMillis(welcome.getTokenExpiresMs() - frame.getServerMs()));
    listener.welcomed(welcome);
    for (Asked asked : List.copyOf(unanswered.values())) {
      transmit(asked);
    }
    firstWelcome.tryComplete(welcome);
    renewing.forEach(promise -> promise.complete(welcome));
    renewing.clear();
  }

  private void refreshBefore(Duration lifetime) {
    vertx.cancelTimer(refreshTimer);
    refreshTimer = vertx.setTimer(Math.max(1_000, lifetime.toMillis() * 4 / 5),
        _ -> vertx.executeBlocking(tokens::get, false)
            .compose(token -> ask(ClientFrame.newBuilder().setRefreshToken(RefreshToken.newBuilder().setToken(token))))
            .onSuccess(frame -> context.runOnContext(_ -> refreshBefore(
                Duration.ofMillis(frame.getTokenRefreshed().getTokenExpiresMs() - frame.getServerMs())))));
  }

  private void answered(ServerFrame frame) {
    Asked asked = unanswered.get(frame.getReplyTo());
    if (asked == null) {
      return;
    }
    long wait = Math.max(frame.getError().getRetryAfterMs(), 50);
    if (isRetried(frame.getError()) && System.nanoTime() + wait * 1_000_000 < asked.giveUpNanos()) {
      vertx.setTimer(wait, _ -> context.runOnContext(_ -> transmit(asked)));
      lastRefusal = frame.getError();
      return;
    }
    unanswered.remove(frame.getReplyTo());
    vertx.cancelTimer(asked.timer());
    if (frame.hasError()) {
      asked.answer().fail(new RefusedException(frame.getError()));
    } else {
      asked.answer().complete(frame);
    }
  }

  /// Whether the same again may help: to wait for a key, or to send what is missing, is for others.
  static boolean isRetried(Error error) {
    return error.getAdvice() == Advice.ADVICE_RETRY && error.getCode() != ErrorCode.MEMBER_PENDING.number()
        && error.getCode() != ErrorCode.OUT_OF_ORDER.number();
  }

  private void transmit(Asked asked) {
    WebSocket open = socket;
    if (open != null && welcomed && unanswered.containsKey(asked.frame().getId())) {
      // A failed write is a closed socket: the close handler does the rest.
      wire.write(open, asked.frame());
    }
  }

  private void giveUp(long id) {
    context.runOnContext(_ -> {
      Asked asked = unanswered.remove(id);
      if (asked != null) {
        Error refusal = lastRefusal;
        asked.answer()
            .fail(refusal != null
                ? new RefusedException(refusal)
                : new DisconnectedException("no answer within " + relay.requestTimeout()));
      }
    });
  }

  private void end(String why) {
    closed = true;
    firstWelcome.tryFail(new DisconnectedException(why));
    renewing.forEach(promise -> promise.fail(new DisconnectedException(why)));
    renewing.clear();
    for (Asked asked : new ArrayList<>(unanswered.values())) {
      vertx.cancelTimer(asked.timer());
      asked.answer().fail(new DisconnectedException(why));
    }
    unanswered.clear();
    vertx.cancelTimer(refreshTimer);
  }

  static ByteString random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return ByteString.copyFrom(random);
  }
}
