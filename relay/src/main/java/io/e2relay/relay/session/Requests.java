// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ClientFrame.BodyCase;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.protocol.wire.Subscribed;
import io.e2relay.protocol.wire.Unsubscribe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// The requests of a signed-in user: what each asks for, and which are still unanswered.
final class Requests {
  private final SessionLimits limits;
  private final Identity identity;
  private final KeyQuestions keys;
  private final SendLanes sends;
  private final FetchLine fetches = new FetchLine();
  private final Map<Long, BodyCase> open = new HashMap<>();
  private final Set<ByteString> subscriptions = new HashSet<>();

  Requests(SessionLimits limits, Identity identity) {
    this.limits = limits;
    this.identity = identity;
    this.keys = new KeyQuestions(limits, identity);
    this.sends = new SendLanes(identity, limits.subscriptions());
  }

  boolean isOpen(long id) {
    return open.containsKey(id);
  }

  /// Whether this connection is the one of these devices that it proved to be, or proved to be none.
  boolean isOneOf(Set<ByteString> devices) {
    return !identity.proven() || devices.contains(identity.device());
  }

  boolean isRetiring(long id) {
    return open.get(id) == BodyCase.RETIRE_DEVICE;
  }

  boolean isRetiring() {
    return open.containsValue(BodyCase.RETIRE_DEVICE);
  }

  int pendingSends() {
    return sends.pending();
  }

  List<Effect> request(ClientFrame frame, Session session) {
    long id = frame.getId();
    if (open.containsKey(id)) {
      // Two requests with one id cannot both be answered.
      return session.refuseAndClose(0, ErrorCode.MALFORMED, CloseCode.PROTOCOL);
    }
    if (open.size() >= limits.requestsInFlight()) {
      passedOver(frame);
      return error(id, ErrorCode.TOO_MANY_IN_FLIGHT);
    }
    open.put(id, frame.getBodyCase());
    return switch (frame.getBodyCase()) {
      case HELLO -> error(id, ErrorCode.HELLO_FIRST);
      case REFRESH_TOKEN -> List.of(new Effect.CheckToken(id, frame.getRefreshToken().getToken()));
      case PUT_ACCOUNT, GET_ACCOUNTS, GET_DEVICE_WRAPS, PUT_BACKUP, GET_BACKUP, OPEN_BACKUP, DELETE_BACKUP, PUT_SELF,
          GET_SELF, RETIRE_DEVICE, CREATE_CONVERSATION, GET_CONVERSATION, LIST_CONVERSATIONS, ADD_MEMBERS,
          REMOVE_MEMBERS, LEAVE, JOIN_CONVERSATION, UPGRADE_CONVERSATION, PUT_EPOCH, GET_EPOCHS, GET_WRAPS, PUT_GRANT,
          BAD_WRAP, TAKE_WRAP_JOBS ->
        ask(id, keys.of(frame));
      case SEND -> send(id, frame.getSend());
      case FETCH -> fetch(id, frame.getFetch());
      case SUBSCRIBE -> subscribe(id, frame.getSubscribe());
      case UNSUBSCRIBE -> unsubscribe(id, frame.getUnsubscribe());
      case BODY_NOT_SET -> {
        open.remove(id);
        yield session.malformed(id, ErrorCode.MALFORMED, "a request that this service does not know");
      }
    };
  }

  /// Refused, whatever it asked for.
  void passedOver(ClientFrame frame) {
    if (frame.hasSend()) {
      sends.passedOver(frame.getSend());
    }
  }

  List<Effect> answered(long id, Message answer) {
    return switch (KeyAnswers.of(open.getOrDefault(id, BodyCase.BODY_NOT_SET), answer)) {
      case KeyAnswers.Outcome.Told(var frame) -> replied(id, frame);
      case KeyAnswers.Outcome.Refused(var error) -> refused(id, error);
    };
  }

  List<Effect> refused(long id, Error error) {
    BodyCase asked = open.remove(id);
    if (asked == null) {
      return List.of();
    }
    Effect reply = new Effect.Reply(Frames.reply(id, error));
    return asked == BodyCase.FETCH ? followedBy(reply, fetches.finished()) : List.of(reply);
  }

  List<Effect> replied(long id, ServerFrame.Builder frame) {
    return open.remove(id) == null ? List.of() : List.of(new Effect.Reply(frame.setReplyTo(id).build()));
  }

  List<Effect> sends(Function<SendLanes, List<Effect>> step) {
    List<Effect> effects = step.apply(sends);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Reply(var frame)) {
        open.remove(frame.getReplyTo());
      }
    }
    return effects;
  }

  List<Effect> read(long id, PageOutcome outcome) {
    return switch (outcome) {
      case PageOutcome.Refused(var code) -> refused(id, Frames.error(code));
      case PageOutcome.Read(var page) -> {
        List<Effect> reply = replied(id, ServerFrame.newBuilder().setPage(page));
        yield reply.isEmpty() ? reply : followedBy(reply.getFirst(), fetches.finished());
      }
    };
  }

  List<Effect> subscribed(long id, List<SubscribeResult> results) {
    List<ByteString> standing = new ArrayList<>();
    for (SubscribeResult result : results) {
      if (result.hasError()) {
        subscriptions.remove(result.getConversationId());
      } else {
        // Also when an earlier request for the same one was refused since: what stands is counted.
        subscriptions.add(result.getConversationId());
        standing.add(result.getConversationId());
      }
    }
    List<Effect> reply = replied(id,
        ServerFrame.newBuilder().setSubscribed(Subscribed.newBuilder().addAllResults(results)));
    return reply.isEmpty() ? reply : followedBy(reply.getFirst(), List.of(new Effect.Begin(standing)));
  }

  List<Effect> detached(ByteString conversation) {
    subscriptions.remove(conversation);
    return List.of(new Effect.Reply(Frames.removed(conversation)));
  }

  List<Effect> writable(boolean writable) {
    return fetches.writable(writable);
  }

  private List<Effect> send(long id, Send request) {
    if (request.getBody().size() > limits.bodyBytes()) {
      sends.passedOver(request);
      return error(id, ErrorCode.TOO_LARGE);
    }
    return sends(lanes -> lanes.offer(id, request));
  }

  private List<Effect> fetch(long id, Fetch request) {
    return fetches.offer(new Effect.ReadPage(id,
        request.toBuilder().setLimit(SessionLimits.capped(request.getLimit(), limits.pageEntries())).build()));
  }

  private List<Effect> subscribe(long id, Subscribe request) {
    Set<ByteString> wanted = new HashSet<>();
    for (Cursor cursor : request.getCursorsList()) {
      wanted.add(cursor.getConversationId());
    }
    if (wanted.size() < request.getCursorsCount()) {
      return error(id, ErrorCode.MALFORMED);
    }
    wanted.addAll(subscriptions);
    if (wanted.size() > limits.subscriptions()) {
      return error(id, ErrorCode.LIMIT_EXCEEDED);
    }
    subscriptions.addAll(wanted);
    return List.of(new Effect.Subscribe(id, request.getCursorsList()));
  }

  private List<Effect> unsubscribe(long id, Unsubscribe request) {
    request.getConversationIdsList().forEach(subscriptions::remove);
    List<Effect> done = replied(id, ServerFrame.newBuilder().setDone(Done.getDefaultInstance()));
    List<Effect> effects = new ArrayList<>();
    effects.add(new Effect.Unsubscribe(request.getConversationIdsList()));
    effects.addAll(done);
    return effects;
  }

  private List<Effect> error(long id, ErrorCode code) {
    open.remove(id);
    return List.of(new Effect.Reply(Frames.reply(id, Frames.error(code))));
  }

  private List<Effect> ask(long id, KeyQuestions.Question question) {
    return switch (question) {
      case KeyQuestions.Question.Asked<?, ?> asked -> List.of(asked.effect(id));
      case KeyQuestions.Question.Refused(var code) -> error(id, code);
    };
  }

  private static List<Effect> followedBy(Effect first, List<Effect> rest) {
    List<Effect> effects = new ArrayList<>();
    effects.add(first);
    effects.addAll(rest);
    return effects;
  }
}
