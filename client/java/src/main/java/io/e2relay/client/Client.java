// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.JoinConversation;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.TrustLevel;
import io.e2relay.protocol.wire.Welcome;
import io.vertx.core.Future;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A user's device in the service. Methods block until there is an answer: call them from virtual or platform threads.
public final class Client implements AutoCloseable {
  private final Relay relay;
  private final Connection connection;
  private final Feed feed;
  private final Uid me;
  private final TenantId tenant;

  private Client(Relay relay, Connection connection, Feed feed, Welcome welcome) {
    this.relay = relay;
    this.connection = connection;
    this.feed = feed;
    this.me = new Uid(welcome.getUid());
    this.tenant = new TenantId(welcome.getTenant());
  }

  static Client connect(Relay relay, Supplier<String> tokens) {
    DeviceId known = relay.device();
    DeviceId device = known == null ? new DeviceId(Connection.random(DeviceId.BYTES)) : known;
    Feed feed = new Feed();
    Connection connection = new Connection(relay, tokens, device, feed);
    feed.attach(connection);
    try {
      return new Client(relay, connection, feed, await(relay, connection.start()));
    } catch (RuntimeException e) {
      connection.close();
      feed.close();
      throw e;
    }
  }

  /// This user.
  public Uid me() {
    return me;
  }

  /// The tenant in which this user is.
  public TenantId tenant() {
    return tenant;
  }

  /// Another user of this tenant, by the host's name for them.
  public Uid user(String subject) {
    return Ids.uid(tenant, subject);
  }

  /// Every message of every conversation of this user, from the first on, once and in each conversation's order;
  /// those that came before this call come first.
  public void onMessage(Consumer<IncomingMessage> handler) {
    feed.handler(handler);
  }

  /// What changes besides messages: AccountChanged, MemberReady, MemberRemoved, ConversationChanged, WrapJobsWaiting,
  /// and a Welcome after every break, when any of them may have been missed. One at a time, on a thread that may wait;
  /// what came before this call is told as one Welcome. Everybody who calls this is told.
  public void onNews(Consumer<ServerFrame> handler) {
    feed.news().handler(handler);
  }

  /// What comes in encrypted conversations goes here; before that it is not asked for.
  public void onSealed(SealedListener listener) {
    connection.run(() -> feed.listener(listener));
  }

  /// What the service said when it last welcomed this device.
  public Welcome welcome() {
    return feed.news().welcome();
  }

  /// Connects anew, so that the service looks again at who this device is.
  public Welcome renew() {
    return await(relay, connection.renew());
  }

  /// Asks anything of the protocol, over reconnects and refusals that advise to retry; a refusal that lasts is thrown.
  public ServerFrame ask(ClientFrame.Builder request) {
    return await(relay, connection.ask(request));
  }

  /// A new open (unencrypted) conversation with these users.
  public Conversation createConversation(Uid... members) {
    return create(CreateConversation.newBuilder().setLevel(TrustLevel.TRUST_LEVEL_OPEN)
        .addAllMembers(Arrays.stream(members).map(Uid::bytes).toList()));
  }

  /// A new open (unencrypted) conversation that others join by its link.
  public Conversation createLinkedConversation() {
    return create(CreateConversation.newBuilder().setLevel(TrustLevel.TRUST_LEVEL_OPEN).setJoinByLink(true));
  }

  public Conversation join(ConversationLink link) {
    ask(ClientFrame.newBuilder().setJoinConversation(
        JoinConversation.newBuilder().setConversationId(link.conversation().bytes()).setLinkSecret(link.secret())));
    return conversation(link.conversation());
  }

  /// The conversation with this id, whether or not this user is a member: the service tells when it is asked.
  public Conversation conversation(ConversationId id) {
    return new Conversation(this, id);
  }

  /// All conversations of this user.
  public List<Conversation> conversations() {
    return Feed
        .pages(
            after -> ask(ClientFrame.newBuilder().setListConversations(ListConversations.newBuilder().setAfter(after)))
                .getConversationPage())
        .stream().map(one -> conversation(new ConversationId(one.getConversationId()))).toList();
  }

  @Override
  public void close() {
    await(relay, connection.close());
    feed.close();
  }

  private Conversation create(CreateConversation.Builder request) {
    ServerFrame answer = ask(
        ClientFrame.newBuilder().setCreateConversation(request.setRequestId(Connection.random(16))));
    return conversation(new ConversationId(answer.getConversation().getConversationId()));
  }

  private static <T> T await(Relay relay, Future<T> future) {
    try {
      return future.await(relay.requestTimeout().toMillis() + 5_000, TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      throw new DisconnectedException("no connection within " + relay.requestTimeout());
    }
  }
}
