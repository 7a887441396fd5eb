// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.keys;

import com.google.protobuf.InvalidProtocolBufferException;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A socket on which somebody asks; what comes unasked is passed over.
final class Line {
  private final ClientWebSocket socket;
  private final Promise<ServerFrame> challenge = Promise.promise();
  private final Map<Long, Promise<ServerFrame>> asked = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();

  private Line(ClientWebSocket socket) {
    this.socket = socket;
  }

  static Line open(WebSocketClient sockets, URI url) {
    Line line = new Line(sockets.webSocket());
    line.socket.binaryMessageHandler(line::received);
    line.socket.closeHandler(_ -> line.asked.values().forEach(one -> one.tryFail("the service closed the socket")));
    Door.await(line.socket.connect(new WebSocketConnectOptions().setHost(url.getHost()).setPort(url.getPort())
        .setSsl(true).setURI(url.getPath()).addSubProtocol(Subprotocol.PROTOBUF.token())));
    return line;
  }

  ServerFrame challenge() {
    return Door.await(challenge.future());
  }

  /// The answer; asks again as long as the service advises that, and takes no other refusal.
  ServerFrame ask(ClientFrame.Builder request) {
    ServerFrame answer = askOnce(request);
    while (answer.getError().getAdvice() == Advice.ADVICE_RETRY) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(Math.max(1, answer.getError().getRetryAfterMs())));
      answer = askOnce(request);
    }
    if (answer.hasError()) {
      throw new IllegalStateException("refused: " + answer.getError());
    }
    return answer;
  }

  private ServerFrame askOnce(ClientFrame.Builder request) {
    long id = ids.incrementAndGet();
    Promise<ServerFrame> answer = Promise.promise();
    asked.put(id, answer);
    socket.writeBinaryMessage(Buffer.buffer(request.setId(id).build().toByteArray()));
    return Door.await(answer.future());
  }

  void close() {
    Door.await(socket.close());
  }

  private void received(Buffer bytes) {
    try {
      ServerFrame frame = ServerFrame.parseFrom(bytes.getBytes());
      Promise<ServerFrame> answer = asked.remove(frame.getReplyTo());
      if (frame.hasChallenge()) {
        challenge.complete(frame);
      } else if (answer != null) {
        answer.complete(frame);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
