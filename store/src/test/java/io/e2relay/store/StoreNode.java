// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.wire.Entry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/// The store as it runs, asked over the bus.
final class StoreNode {
  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = Bus.of(vertx, LogSubject.PATIENCE);
  private final List<Entry> news = new CopyOnWriteArrayList<>();
  private final String deployment;

  StoreNode(Postgres postgres, Map<String, String> config) {
    LogSubject.await(bus.listen(Calls.COMMITTED, hint -> news.addAll(hint.getEntriesList())));
    deployment = LogSubject
        .await(vertx.deployVerticle(new StoreVerticle(bus, Samples.config(config), postgres, Samples.metrics())));
  }

  Bus bus() {
    return bus;
  }

  /// Everything that was told as committed so far.
  List<Entry> news() {
    return news;
  }

  Future<AppendReply> send(ConversationId conversation, long epoch, ByteString message, ByteString body) {
    return bus.ask(Calls.APPEND, AppendCall.newBuilder().setConversationId(conversation.bytes()).setEpoch(epoch)
        .setUid(Samples.ALICE.bytes()).setDeviceId(Samples.PHONE.bytes()).setMsgId(message).setBody(body).build());
  }

  Future<AppendReply> send(ConversationId conversation) {
    return send(conversation, 1, Samples.msgId().bytes(), ByteString.copyFromUtf8("hello"));
  }

  static ErrorCode code(AppendReply reply) {
    if (!reply.hasRefusal()) {
      throw new AssertionError("not refused");
    }
    return ErrorCode.of(reply.getRefusal());
  }

  Future<Void> undeploy() {
    return vertx.undeploy(deployment);
  }

  void close() {
    LogSubject.await(vertx.close());
  }
}
