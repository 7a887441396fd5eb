// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.protocol.wire.TrustLevel;
import java.security.SecureRandom;

/// One virtual user: a device of its own account, in one group, with one connection at a time. Makes its requests and
/// writes down what it hears.
final class Device {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 16;

  private final String name;
  private final Subprotocol subprotocol;
  private final Group group;
  private final boolean first;
  private final Journal journal;
  private final ByteString id = random(ID_BYTES);
  private String token = "";
  private ByteString message = ByteString.EMPTY;
  private long request;
  private long seen;
  private long missed;

  Device(String name, Subprotocol subprotocol, Group group, boolean first, Journal journal) {
    this.name = name;
    this.subprotocol = subprotocol;
    this.group = group;
    this.first = first;
    this.journal = journal;
  }

  String name() {
    return name;
  }

  Subprotocol subprotocol() {
    return subprotocol;
  }

  Group group() {
    return group;
  }

  /// The first of a group creates its conversation.
  boolean first() {
    return first;
  }

  long request() {
    return request;
  }

  boolean heardAll() {
    return group.heardBy(seen);
  }

  void takes(String issued) {
    token = issued;
  }

  ClientFrame hello() {
    return frame().setHello(Hello.newBuilder().setToken(token).setDeviceId(id).setClient("e2relay-loadtest")).build();
  }

  String welcomed(ServerFrame reply) {
    if (!reply.hasWelcome()) {
      return reply.getBodyCase().name();
    }
    if (!first && !group.isCreated()) {
      group.present(reply.getWelcome().getUid());
    }
    return Talk.OK;
  }

  ClientFrame create() {
    return frame().setCreateConversation(CreateConversation.newBuilder().setRequestId(random(ID_BYTES))
        .setLevel(TrustLevel.TRUST_LEVEL_OPEN).addAllMembers(group.others())).build();
  }

  String created(ServerFrame reply) {
    group.created(reply.getConversation().getConversationId());
    return Talk.OK;
  }

  ClientFrame subscribe() {
    return frame().setSubscribe(Subscribe.newBuilder()
        .addCursors(Cursor.newBuilder().setConversationId(group.conversation()).setAfterSeq(seen))).build();
  }

  String subscribed(ServerFrame reply) {
    return reply.getSubscribed().getResultsList().stream().filter(SubscribeResult::hasError)
        .map(result -> result.getError().getName()).findFirst().orElse(Talk.OK);
  }

  ClientFrame send(int payloadBytes) {
    message = random(ID_BYTES);
    journal.attempted(message, group.conversation(), System.currentTimeMillis());
    return frame()
        .setSend(
            Send.newBuilder().setConversationId(group.conversation()).setMsgId(message).setBody(random(payloadBytes)))
        .build();
  }

  String sent(ServerFrame reply) {
    journal.acknowledged(message, reply.getSent().getSeq());
    group.acknowledged(reply.getSent().getSeq());
    return Talk.OK;
  }

  ClientFrame fetchRest() {
    return frame().setFetch(Fetch.newBuilder().setConversationId(group.conversation()).setAfterSeq(seen).setLimit(1))
        .build();
  }

  /// Whether the log ends where this device's hearing ends.
  String complete(ServerFrame reply) {
    long last = reply.getPage().getLastSeq();
    return seen == last && missed == 0 ? Talk.OK : "heard up to %d of %d without %d".formatted(seen, last, missed);
  }

  void expectsAll() {
    journal.expects(name, group.conversation());
  }

  /// Everything of the log moves the place; messages are also written down.
  void hear(ServerFrame frame, long atMs) {
    switch (frame.getBodyCase()) {
      case MESSAGE -> {
        Message heard = frame.getMessage();
        reached(heard.getSeq());
        journal.received(name, heard.getConversationId(), heard.getSeq(), heard.getMsgId(), atMs);
      }
      case CONTROL -> reached(frame.getControl().getSeq());
      default -> {
        // Hints about other things.
      }
    }
  }

  private void reached(long seq) {
    missed += Math.max(0, seq - seen - 1);
    seen = Math.max(seen, seq);
  }

  private ClientFrame.Builder frame() {
    request++;
    return ClientFrame.newBuilder().setId(request);
  }

  private static ByteString random(int length) {
    byte[] bytes = new byte[length];
    RANDOM.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
