// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/// A Vert.x WebSocket client that speaks either subprotocol; every wait has a deadline.
final class TestClient {
  static final int DEADLINE_SECONDS = 20;
  private static final AtomicLong MESSAGES = new AtomicLong();

  final WebSocket socket;
  private final Subprotocol subprotocol;
  private final BlockingQueue<ServerFrame> frames = new LinkedBlockingQueue<>();
  private final Future<Integer> closed;
  private long ids;

  private TestClient(TestNode node, WebSocketConnectOptions options, Subprotocol subprotocol) throws TimeoutException {
    this.subprotocol = subprotocol;
    Promise<Integer> closing = Promise.promise();
    closed = closing.future();
    socket = node.client.connect(options).map(opened -> {
      opened.binaryMessageHandler(bytes -> got(binary(bytes)));
      opened.textMessageHandler(text -> got(text(text)));
      opened.closeHandler(_ -> closing.complete((int) opened.closeStatusCode()));
      return opened;
    }).await(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  static TestClient connect(TestNode node, Subprotocol subprotocol) throws Exception {
    TestClient client = new TestClient(node, options(node).addSubProtocol(subprotocol.token()), subprotocol);
    assertEquals(subprotocol.token(), client.socket.subProtocol());
    assertTrue(client.next().hasChallenge());
    return client;
  }

  static WebSocketConnectOptions options(TestNode node) {
    return new WebSocketConnectOptions().setHost("localhost").setPort(node.port).setURI("/v1/connect");
  }

  static TestClient connect(TestNode node, WebSocketConnectOptions options) throws Exception {
    return new TestClient(node, options, Subprotocol.PROTOBUF);
  }

  static TestClient welcomed(TestNode node, int user, Subprotocol subprotocol) throws Exception {
    TestClient client = connect(node, subprotocol);
    assertTrue(client.hello("user " + user).hasWelcome());
    return client;
  }

  ServerFrame hello(String token) throws Exception {
    return ask(ClientFrame.newBuilder()
        .setHello(Hello.newBuilder().setToken(token).setDeviceId(ByteString.copyFrom(new byte[16])).setClient("test")));
  }

  ServerFrame send(String body) throws Exception {
    return ask(message(body));
  }

  static ClientFrame.Builder message(String body) {
    byte[] msgId = new byte[16];
    msgId[0] = (byte) MESSAGES.incrementAndGet();
    return ClientFrame.newBuilder().setSend(Send.newBuilder().setConversationId(TestNode.ROOM)
        .setMsgId(ByteString.copyFrom(msgId)).setBody(ByteString.copyFromUtf8(body)));
  }

  void subscribe(long after) throws Exception {
    ServerFrame reply = ask(ClientFrame.newBuilder().setSubscribe(
        Subscribe.newBuilder().addCursors(Cursor.newBuilder().setConversationId(TestNode.ROOM).setAfterSeq(after))));
    assertEquals(0, reply.getSubscribed().getResults(0).getError().getCode());
  }

  /// The reply; events that come before it are lost.
  ServerFrame ask(ClientFrame.Builder request) throws Exception {
    long id = write(request);
    return next(frame -> frame.getReplyTo() == id);
  }

  long write(ClientFrame.Builder request) throws Exception {
    ClientFrame frame = request.setId(++ids).build();
    switch (subprotocol) {
      case PROTOBUF -> socket.writeFinalBinaryFrame(Buffer.buffer(frame.toByteArray()));
      case JSON -> socket.writeFinalTextFrame(JsonFormat.printer().print(frame));
    }
    return ids;
  }

  ServerFrame next() throws Exception {
    return next(_ -> true);
  }

  ServerFrame next(Predicate<ServerFrame> wanted) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (true) {
      ServerFrame frame = frames.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (frame == null) {
        throw new AssertionError("nothing came; closed: " + closed);
      }
      if (wanted.test(frame)) {
        return frame;
      }
    }
  }

  /// The seqs of the events that come, until this one.
  List<Long> seqsUpTo(long last) throws Exception {
    List<Long> seqs = new ArrayList<>();
    while (seqs.isEmpty() || seqs.getLast() < last) {
      ServerFrame frame = next(f -> f.hasMessage() || f.hasControl());
      seqs.add(frame.hasMessage() ? frame.getMessage().getSeq() : frame.getControl().getSeq());
    }
    return seqs;
  }

  void assertRefused(ErrorCode code) throws Exception {
    assertEquals(code.name(), next(ServerFrame::hasError).getError().getName());
  }

  void assertCloses(CloseCode code) throws TimeoutException {
    assertEquals(code.number(), closed.await(DEADLINE_SECONDS, TimeUnit.SECONDS));
  }

  boolean isClosed() {
    return closed.isComplete();
  }

  private void got(ServerFrame frame) {
    frames.add(frame);
  }

  private static ServerFrame binary(Buffer bytes) {
    try {
      return ServerFrame.parseFrom(bytes.getBytes());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("not a ServerFrame", e);
    }
  }

  private static ServerFrame text(String text) {
    ServerFrame.Builder frame = ServerFrame.newBuilder();
    try {
      JsonFormat.parser().merge(text, frame);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("not a ServerFrame", e);
    }
    return frame.build();
  }
}
