// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.Leave;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Sent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// One conversation, as one of its members sees it. Methods block until there is an answer.
public final class Conversation {
  private final Client client;
  private final ConversationId id;

  Conversation(Client client, ConversationId id) {
    this.client = client;
    this.id = id;
  }

  public ConversationId id() {
    return id;
  }

  /// Sends a text; returns when it is durable. Tried again over reconnects, and stored once.
  public Receipt send(String text) {
    return send(TextContent.of(text));
  }

  /// Sends content of any kind; returns when it is durable. Tried again over reconnects, and stored once.
  public Receipt send(ByteString body) {
    return send(new MsgId(Connection.random(MsgId.BYTES)), body);
  }

  /// Sends under a msg_id that the application remembers, so that even its own restart stores the message once.
  public Receipt send(MsgId msgId, ByteString body) {
    Sent sent = client.ask(ClientFrame.newBuilder()
        .setSend(Send.newBuilder().setConversationId(id.bytes()).setMsgId(msgId.bytes()).setBody(body))).getSent();
    return new Receipt(sent.getSeq(), sent.getEpoch(), Instant.ofEpochMilli(sent.getReceivedMs()));
  }

  /// All messages after this place (0: from the first), in order.
  public List<IncomingMessage> history(long afterSeq) {
    List<IncomingMessage> messages = new ArrayList<>();
    long after = afterSeq;
    Page page;
    do {
      page = client
          .ask(ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(id.bytes()).setAfterSeq(after)))
          .getPage();
      page.getEntriesList().stream().filter(Entry::hasMessage)
          .forEach(entry -> messages.add(IncomingMessage.of(entry.getMessage())));
      after = page.getThroughSeq();
    } while (after < page.getLastSeq());
    return messages;
  }

  /// Who is in it now.
  public List<Uid> members() {
    return get().getMembersList().stream().map(member -> new Uid(member.getUid())).toList();
  }

  public void add(Uid... users) {
    client.ask(ClientFrame.newBuilder()
        .setAddMembers(AddMembers.newBuilder().setConversationId(id.bytes()).addAllMembers(bytes(users))));
  }

  public void remove(Uid... users) {
    client.ask(ClientFrame.newBuilder()
        .setRemoveMembers(RemoveMembers.newBuilder().setConversationId(id.bytes()).addAllMembers(bytes(users))));
  }

  public void leave() {
    client.ask(ClientFrame.newBuilder().setLeave(Leave.newBuilder().setConversationId(id.bytes())));
  }

  /// What somebody else needs to join; only in conversations that were made to be joined by link.
  public ConversationLink link() {
    ByteString secret = get().getLinkSecret();
    if (secret.isEmpty()) {
      throw new IllegalStateException("this conversation is not joined by link");
    }
    return new ConversationLink(id, secret);
  }

  private io.e2relay.protocol.wire.Conversation get() {
    return client
        .ask(ClientFrame.newBuilder().setGetConversation(GetConversation.newBuilder().setConversationId(id.bytes())))
        .getConversation();
  }

  private static List<ByteString> bytes(Uid[] users) {
    return Arrays.stream(users).map(Uid::bytes).toList();
  }
}
