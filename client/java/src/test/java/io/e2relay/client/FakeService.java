// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.CaughtUp;
import io.e2relay.protocol.wire.Challenge;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.ConversationPage;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Sent;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.protocol.wire.Subscribed;
import io.e2relay.protocol.wire.Welcome;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.PfxOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Plays the service over real TLS sockets: one conversation, one log, and faults on demand.
final class FakeService implements AutoCloseable {
  static final ByteString CONVERSATION = ByteString.copyFrom(new byte[32]);

  private final Vertx vertx = Vertx.vertx();
  private final List<Message> log = new CopyOnWriteArrayList<>();
  private final List<Send> tries = new CopyOnWriteArrayList<>();
  private final Set<ServerWebSocket> sockets = new HashSet<>();
  private final Set<ServerWebSocket> subscribers = new HashSet<>();
  private final HttpServer server;
  private volatile boolean loseNextAck;
  private volatile boolean loseNextEvent;
  private final AtomicInteger refuseNextSends = new AtomicInteger();
  private volatile int closeHelloWith;

  FakeService(Path keyStore, String password) throws Exception {
    HttpServerOptions options = new HttpServerOptions().setSsl(true)
        .setKeyCertOptions(new PfxOptions().setPath(keyStore.toString()).setPassword(password))
        .addWebSocketSubProtocol(Subprotocol.PROTOBUF.token());
    server = vertx.createHttpServer(options).webSocketHandler(this::opened).listen(0, "127.0.0.1").await(10,
        TimeUnit.SECONDS);
  }

  String url() {
    return "wss://localhost:" + server.actualPort() + "/v1/connect";
  }

  List<Message> log() {
    return log;
  }

  List<Send> tries() {
    return tries;
  }

  /// Stores the next message and closes the socket instead of acknowledging it.
  void loseNextAck() {
    loseNextAck = true;
  }

  void loseNextEvent() {
    loseNextEvent = true;
  }

  void refuseNextSends(int count) {
    refuseNextSends.set(count);
  }

  /// Answers the next Hello by a refusal and this close code.
  void closeHelloWith(int code) {
    closeHelloWith = code;
  }

  void breakAll() {
    vertx.runOnContext(_ -> List.copyOf(sockets).forEach(socket -> socket.close((short) 1012, "restart")));
  }

  @Override
  public void close() {
    vertx.close().await();
  }

  private synchronized void opened(ServerWebSocket socket) {
    sockets.add(socket);
    socket.closeHandler(_ -> {
      synchronized (this) {
        sockets.remove(socket);
        subscribers.remove(socket);
      }
    });
    socket.binaryMessageHandler(buffer -> {
      try {
        answer(socket, ClientFrame.parseFrom(buffer.getBytes()));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
    });
    write(socket, ServerFrame.newBuilder().setChallenge(Challenge.newBuilder().setHelloWithinMs(5_000)));
  }

  private synchronized void answer(ServerWebSocket socket, ClientFrame frame) {
    ServerFrame.Builder reply = ServerFrame.newBuilder().setReplyTo(frame.getId()).setServerMs(1_000);
    switch (frame.getBodyCase()) {
      case HELLO -> hello(socket, reply);
      case LIST_CONVERSATIONS -> write(socket, reply.setConversationPage(ConversationPage.newBuilder()
          .addConversations(Conversation.newBuilder().setConversationId(CONVERSATION)).setUserVersion(1)));
      case SUBSCRIBE -> {
        Cursor cursor = frame.getSubscribe().getCursors(0);
        write(socket, reply.setSubscribed(
            Subscribed.newBuilder().addResults(SubscribeResult.newBuilder().setConversationId(CONVERSATION))));
        log.stream().filter(message -> message.getSeq() > cursor.getAfterSeq())
            .forEach(message -> write(socket, ServerFrame.newBuilder().setMessage(message)));
        write(socket, ServerFrame.newBuilder()
            .setCaughtUp(CaughtUp.newBuilder().setConversationId(CONVERSATION).setLastSeq(log.size())));
        subscribers.add(socket);
      }
      case UNSUBSCRIBE -> {
        subscribers.remove(socket);
        write(socket, reply.setDone(Done.getDefaultInstance()));
      }
      case SEND -> send(socket, frame.getSend(), reply);
      default -> throw new IllegalStateException("not played: " + frame.getBodyCase());
    }
  }

  private void hello(ServerWebSocket socket, ServerFrame.Builder reply) {
    if (closeHelloWith != 0) {
      write(socket, reply.setError(error(ErrorCode.TOKEN_INVALID)));
      socket.close((short) closeHelloWith, "refused");
      closeHelloWith = 0;
      return;
    }
    write(socket, reply.setWelcome(Welcome.newBuilder().setUid(ByteString.copyFrom(new byte[16]))
        .setTenant(ByteString.copyFrom(new byte[16])).setTokenExpiresMs(900_000).setUserVersion(1)));
  }

  private void send(ServerWebSocket socket, Send send, ServerFrame.Builder reply) {
    tries.add(send);
    if (refuseNextSends.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      write(socket, reply.setError(error(ErrorCode.UNAVAILABLE)));
      return;
    }
    Message stored = log.stream().filter(message -> message.getMsgId().equals(send.getMsgId())).findFirst()
        .orElse(null);
    boolean duplicate = stored != null;
    if (stored == null) {
      stored = Message.newBuilder().setConversationId(CONVERSATION).setSeq(log.size() + 1L).setEpoch(1)
          .setUid(ByteString.copyFrom(new byte[16])).setDeviceId(ByteString.copyFrom(new byte[16]))
          .setMsgId(send.getMsgId()).setBody(send.getBody()).build();
      log.add(stored);
    }
    if (loseNextAck) {
      loseNextAck = false;
      socket.close((short) 1012, "restart");
      return;
    }
    write(socket, reply.setSent(Sent.newBuilder().setSeq(stored.getSeq()).setEpoch(1).setDuplicate(duplicate)));
    if (loseNextEvent) {
      loseNextEvent = false;
      return;
    }
    Message news = stored;
    new ArrayList<>(subscribers).forEach(one -> write(one, ServerFrame.newBuilder().setMessage(news)));
  }

  private static Error.Builder error(ErrorCode code) {
    return Error.newBuilder().setCode(code.number()).setName(code.name()).setAdvice(code.advice())
        .setMessage(code.meaning());
  }

  private static void write(ServerWebSocket socket, ServerFrame.Builder frame) {
    socket.writeBinaryMessage(Buffer.buffer(frame.build().toByteArray()));
  }
}
