// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.ConversationPage;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.protocol.wire.TrustLevel;
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
import org.jspecify.annotations.Nullable;

/// What comes by itself: keeps a subscription to each of the user's conversations and lets every message through once
/// and in order. Lives on the connection's event loop.
///
/// What is sealed goes another way than what is not, so that nothing plain can come up where it must not. Encrypted
/// conversations are followed only where somebody opens what comes.
final class Feed implements Connection.Listener, AutoCloseable {
  private static final int CURSORS_PER_REQUEST = 100;
  private static final long AGAIN_MS = 1_000;

  private final Map<ConversationId, Timeline> timelines = new HashMap<>();
  private final Inbox<IncomingMessage> open = new Inbox<>(() -> roomAgain(false));
  private final Inbox<ServerFrame> sealed = new Inbox<>(() -> roomAgain(true));
  private volatile Optional<Connection> connection = Optional.empty();
  private final News news = new News();
  private Optional<SealedListener> listener = Optional.empty();
  private long userVersion = -1;

  void attach(Connection chosen) {
    connection = Optional.of(chosen);
  }

  void handler(Consumer<IncomingMessage> handler) {
    open.handler(handler);
  }

  /// From now on encrypted conversations are followed too, each from where its listener says.
  void listener(SealedListener chosen) {
    sealed.handler(chosen::entry);
    listener = Optional.of(chosen);
    list(ByteString.EMPTY);
  }

  News news() {
    return news;
  }

  @Override
  public void close() {
    open.close();
    sealed.close();
    news.close();
  }

  @Override
  public void welcomed(Welcome welcome) {
    news.welcomed(welcome);
    subscribe(timelines.values().stream().filter(Timeline::following).toList());
    if (welcome.getUserVersion() != userVersion) {
      list(ByteString.EMPTY);
    }
  }

  @Override
  public void event(ServerFrame frame) {
    switch (frame.getBodyCase()) {
      case MESSAGE ->
        place(frame, frame.getMessage().getConversationId(), frame.getMessage().getSeq(), frame.getMessage().getSeq());
      case CONTROL ->
        place(frame, frame.getControl().getConversationId(), frame.getControl().getSeq(), frame.getControl().getSeq());
      case GAP ->
        place(frame, frame.getGap().getConversationId(), frame.getGap().getFromSeq(), frame.getGap().getToSeq());
      case CAUGHT_UP -> caughtUp(frame);
      case CONVERSATION_CHANGED -> {
        userVersion = Math.max(userVersion, frame.getConversationChanged().getUserVersion());
        news.offer(frame);
        id(frame.getConversationChanged().getConversationId()).ifPresent(this::look);
      }
      case MEMBER_READY -> {
        news.offer(frame);
        id(frame.getMemberReady().getConversationId()).ifPresent(this::look);
      }
      case MEMBER_REMOVED -> {
        end(frame.getMemberRemoved().getConversationId());
        news.offer(frame);
      }
      case WRAP_JOBS_WAITING, ACCOUNT_CHANGED -> news.offer(frame);
      case DRAINING, ERROR, DONE, CHALLENGE, WELCOME, TOKEN_REFRESHED, CONVERSATION, CONVERSATION_PAGE, SENT, PAGE,
          SUBSCRIBED, ACCOUNTS, DEVICE_WRAPS, BACKUP_TERMS, BACKUP, SELF_BLOBS, EPOCH_PUT, EPOCHS, WRAPS, WRAP_JOBS,
          BODY_NOT_SET -> {
        // Draining: the close that follows makes the connection come back elsewhere. The others are no events.
      }
    }
  }

  /// Follows all pages of a list of conversations.
  static List<Conversation> pages(Function<ByteString, ConversationPage> page) {
    List<Conversation> all = new ArrayList<>();
    ConversationPage current;
    do {
      current = page.apply(all.isEmpty() ? ByteString.EMPTY : all.getLast().getConversationId());
      all.addAll(current.getConversationsList());
    } while (current.getMore());
    return all;
  }

  private void list(ByteString after) {
    ask(ClientFrame.newBuilder().setListConversations(ListConversations.newBuilder().setAfter(after)), frame -> {
      ConversationPage page = frame.getConversationPage();
      discover(page.getConversationsList());
      if (page.getMore()) {
        list(page.getConversations(page.getConversationsCount() - 1).getConversationId());
      } else {
        userVersion = page.getUserVersion();
      }
    }, () -> list(after));
  }

  /// How far the service is trusted with a conversation decides which way its messages go: so that comes first.
  private void look(ConversationId id) {
    Timeline known = timelines.get(id);
    if (known != null) {
      follow(List.of(known));
    } else {
      ask(ClientFrame.newBuilder().setGetConversation(GetConversation.newBuilder().setConversationId(id.bytes())),
          frame -> discover(List.of(frame.getConversation())), () -> look(id));
    }
  }

  private void discover(List<Conversation> found) {
    List<Timeline> which = new ArrayList<>();
    for (Conversation one : found) {
      id(one.getConversationId()).flatMap(id -> timeline(id, one)).ifPresent(which::add);
    }
    follow(which);
  }

  /// Where it is followed, if it is.
  private Optional<Timeline> timeline(ConversationId id, Conversation one) {
    boolean encrypted = one.getLevel() == TrustLevel.TRUST_LEVEL_E2EE
        || listener.filter(listening -> listening.remembers(id)).isPresent();
    return !encrypted || listener.isPresent()
        ? Optional.of(timelines.computeIfAbsent(id, _ -> new Timeline(id, encrypted, from(id, encrypted))))
        : Optional.empty();
  }

  /// What is named by something else than an id is nothing that is followed.
  private Optional<ConversationId> id(ByteString bytes) {
    if (bytes.size() == ConversationId.BYTES) {
      return Optional.of(new ConversationId(bytes));
    }
    listener.ifPresent(listening -> listening.misnamed(bytes));
    return Optional.empty();
  }

  private @Nullable Timeline followed(ByteString conversation) {
    return id(conversation).map(timelines::get).orElse(null);
  }

  private long from(ConversationId id, boolean encrypted) {
    return encrypted ? listener.map(listening -> listening.from(id)).orElse(0L) : 0;
  }

  private void follow(List<Timeline> which) {
    List<Timeline> fresh = which.stream().filter(timeline -> !timeline.following()).toList();
    fresh.forEach(timeline -> timeline.following(true));
    subscribe(fresh);
  }

  private void place(ServerFrame frame, ByteString conversation, long from, long to) {
    Timeline timeline = followed(conversation);
    if (timeline == null) {
      return;
    }
    BooleanSupplier take = timeline.encrypted()
        ? () -> sealed.offer(frame)
        : () -> !frame.hasMessage() || open.offer(IncomingMessage.of(frame.getMessage()));
    switch (timeline.judge(from, to)) {
      case NEXT -> {
        if (take.getAsBoolean()) {
          timeline.advance(to);
        }
      }
      case HOLE -> {
        // While the inbox is full every entry is a hole: roomAgain asks for all of them at once.
        if (!timeline.catchingUp() && inbox(timeline.encrypted()).hasRoom()) {
          again(List.of(timeline));
        }
      }
      case KNOWN -> {
        // Sent again after a reconnect.
      }
    }
  }

  private void caughtUp(ServerFrame frame) {
    Timeline timeline = followed(frame.getCaughtUp().getConversationId());
    if (timeline != null) {
      timeline.catchingUp(false);
      timeline.endsAt(frame.getCaughtUp().getLastSeq());
      if (timeline.encrypted()) {
        sealed.offer(frame);
      }
    }
  }

  private Inbox<?> inbox(boolean encrypted) {
    return encrypted ? sealed : open;
  }

  private void roomAgain(boolean encrypted) {
    connection.ifPresent(c -> c.run(() -> again(
        timelines.values().stream().filter(one -> one.encrypted() == encrypted && one.following()).toList())));
  }

  private void again(Collection<Timeline> which) {
    ask(ClientFrame.newBuilder().setUnsubscribe(Unsubscribe.newBuilder()
        .addAllConversationIds(which.stream().map(timeline -> timeline.conversation().bytes()).toList())), _ -> {
        }, () -> {
        });
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
      ask(ClientFrame.newBuilder().setSubscribe(request),
          frame -> frame.getSubscribed().getResultsList().forEach(this::subscribed),
          () -> subscribe(some.stream().filter(Timeline::following).toList()));
    }
  }

  private void subscribed(SubscribeResult result) {
    if (!result.hasError()) {
      return;
    }
    Timeline timeline = followed(result.getConversationId());
    if (timeline != null && Connection.isRetried(result.getError())) {
      later(() -> subscribe(List.of(timeline)));
    } else {
      end(result.getConversationId());
    }
  }

  /// The place is kept: whoever comes back goes on from there.
  private void end(ByteString conversation) {
    Timeline timeline = followed(conversation);
    if (timeline != null) {
      timeline.following(false);
      timeline.catchingUp(false);
    }
  }

  private void ask(ClientFrame.Builder request, Consumer<ServerFrame> then, Runnable again) {
    connection.ifPresent(c -> c.ask(request).onSuccess(frame -> c.run(() -> then.accept(frame))).onFailure(e -> {
      if (!(e instanceof RefusedException refused) || Connection.isRetried(refused.error())) {
        later(again);
      }
    }));
  }

  private void later(Runnable again) {
    connection.ifPresent(c -> c.later(AGAIN_MS, again));
  }
}
