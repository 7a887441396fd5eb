// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ConversationPage;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.protocol.wire.Unsubscribe;
import io.e2relay.protocol.wire.Welcome;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/// What comes by itself: keeps a subscription to each of the user's conversations and lets every message through once
/// and in order. Lives on the connection's event loop.
final class Feed implements Connection.Listener, AutoCloseable {
  private static final int CURSORS_PER_REQUEST = 100;

  private final Map<ConversationId, Timeline> timelines = new HashMap<>();
  private final Inbox inbox = new Inbox(this::roomAgain);
  private volatile Optional<Connection> connection = Optional.empty();
  private long userVersion = -1;

  void attach(Connection chosen) {
    connection = Optional.of(chosen);
  }

  void handler(Consumer<IncomingMessage> handler) {
    inbox.handler(handler);
  }

  @Override
  public void close() {
    inbox.close();
  }

  @Override
  public void welcomed(Welcome welcome) {
    subscribe(timelines.values());
    if (welcome.getUserVersion() != userVersion) {
      list(ByteString.EMPTY);
    }
  }

  @Override
  public void event(ServerFrame frame) {
    switch (frame.getBodyCase()) {
      case MESSAGE -> {
        IncomingMessage message = IncomingMessage.of(frame.getMessage());
        place(message.conversation(), message.seq(), message.seq(), () -> inbox.offer(message));
      }
      case CONTROL -> place(new ConversationId(frame.getControl().getConversationId()), frame.getControl().getSeq(),
          frame.getControl().getSeq(), () -> true);
      case GAP -> place(new ConversationId(frame.getGap().getConversationId()), frame.getGap().getFromSeq(),
          frame.getGap().getToSeq(), () -> true);
      case CAUGHT_UP -> {
        Timeline timeline = timelines.get(new ConversationId(frame.getCaughtUp().getConversationId()));
        if (timeline != null) {
          timeline.catchingUp(false);
        }
      }
      case CONVERSATION_CHANGED -> {
        ConversationId id = new ConversationId(frame.getConversationChanged().getConversationId());
        userVersion = Math.max(userVersion, frame.getConversationChanged().getUserVersion());
        discover(List.of(id));
      }
      case MEMBER_REMOVED -> timelines.remove(new ConversationId(frame.getMemberRemoved().getConversationId()));
      case DRAINING, ERROR, DONE, CHALLENGE, WELCOME, TOKEN_REFRESHED, CONVERSATION, CONVERSATION_PAGE, SENT, PAGE,
          SUBSCRIBED, ACCOUNTS, DEVICE_WRAPS, BACKUP_TERMS, BACKUP, SELF_BLOBS, ACCOUNT_CHANGED, BODY_NOT_SET -> {
        // Draining: the close that follows makes the connection come back elsewhere. The others are no events.
      }
    }
  }

  /// Follows all pages of a list of conversations.
  static List<ConversationId> pages(Function<ByteString, ConversationPage> page) {
    List<ConversationId> all = new ArrayList<>();
    ConversationPage current;
    do {
      current = page.apply(all.isEmpty() ? ByteString.EMPTY : all.getLast().bytes());
      current.getConversationsList().forEach(c -> all.add(new ConversationId(c.getConversationId())));
    } while (current.getMore());
    return all;
  }

  private void list(ByteString after) {
    connection.ifPresent(
        c -> c.ask(ClientFrame.newBuilder().setListConversations(ListConversations.newBuilder().setAfter(after)))
            .onSuccess(frame -> c.run(() -> {
              ConversationPage page = frame.getConversationPage();
              discover(page.getConversationsList().stream().map(one -> new ConversationId(one.getConversationId()))
                  .toList());
              if (page.getMore()) {
                list(page.getConversations(page.getConversationsCount() - 1).getConversationId());
              } else {
                userVersion = page.getUserVersion();
              }
            })));
  }

  private void discover(List<ConversationId> found) {
    List<Timeline> fresh = found.stream().filter(id -> !timelines.containsKey(id)).map(id -> new Timeline(id, 0))
        .toList();
    fresh.forEach(timeline -> timelines.put(timeline.conversation(), timeline));
    subscribe(fresh);
  }

  private void place(ConversationId id, long from, long to, BooleanSupplier take) {
    Timeline timeline = timelines.get(id);
    if (timeline == null) {
      return;
    }
    switch (timeline.judge(from, to)) {
      case NEXT -> {
        if (take.getAsBoolean()) {
          timeline.advance(to);
        }
      }
      case HOLE -> {
        // While the inbox is full every entry is a hole: roomAgain asks for all of them at once.
        if (!timeline.catchingUp() && inbox.hasRoom()) {
          again(List.of(timeline));
        }
      }
      case KNOWN -> {
        // Sent again after a reconnect.
      }
    }
  }

  private void roomAgain() {
    connection.ifPresent(c -> c.run(() -> again(timelines.values())));
  }

  private void again(Collection<Timeline> which) {
    connection.ifPresent(c -> c.ask(ClientFrame.newBuilder().setUnsubscribe(Unsubscribe.newBuilder()
        .addAllConversationIds(which.stream().map(timeline -> timeline.conversation().bytes()).toList()))));
    subscribe(which);
  }

  private void subscribe(Collection<Timeline> which) {
    List<Timeline> all = List.copyOf(which);
    for (int from = 0; from < all.size(); from += CURSORS_PER_REQUEST) {
      List<Timeline> some = all.subList(from, Math.min(all.size(), from + CURSORS_PER_REQUEST));
      some.forEach(timeline -> timeline.catchingUp(true));
      Subscribe.Builder request = Subscribe.newBuilder();
      some.forEach(timeline -> request.addCursors(
          Cursor.newBuilder().setConversationId(timeline.conversation().bytes()).setAfterSeq(timeline.cursor())));
      connection.ifPresent(c -> c.ask(ClientFrame.newBuilder().setSubscribe(request))
          .onSuccess(frame -> c.run(() -> frame.getSubscribed().getResultsList().forEach(this::subscribed))));
    }
  }

  private void subscribed(SubscribeResult result) {
    if (result.hasError()) {
      timelines.remove(new ConversationId(result.getConversationId()));
    }
  }
}
