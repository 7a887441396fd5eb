// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.Call;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AddCall;
import io.e2relay.protocol.bus.wire.BackupTermsCall;
import io.e2relay.protocol.bus.wire.BackupTermsReply;
import io.e2relay.protocol.bus.wire.ConversationReply;
import io.e2relay.protocol.bus.wire.CreateCall;
import io.e2relay.protocol.bus.wire.DeleteBackupCall;
import io.e2relay.protocol.bus.wire.DeviceWrapsCall;
import io.e2relay.protocol.bus.wire.DeviceWrapsReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.GetAccountsCall;
import io.e2relay.protocol.bus.wire.GetAccountsReply;
import io.e2relay.protocol.bus.wire.GetCall;
import io.e2relay.protocol.bus.wire.GetSelfCall;
import io.e2relay.protocol.bus.wire.GetSelfReply;
import io.e2relay.protocol.bus.wire.JoinCall;
import io.e2relay.protocol.bus.wire.LeaveCall;
import io.e2relay.protocol.bus.wire.ListCall;
import io.e2relay.protocol.bus.wire.ListReply;
import io.e2relay.protocol.bus.wire.OpenBackupCall;
import io.e2relay.protocol.bus.wire.OpenBackupReply;
import io.e2relay.protocol.bus.wire.PutAccountCall;
import io.e2relay.protocol.bus.wire.PutBackupCall;
import io.e2relay.protocol.bus.wire.PutSelfCall;
import io.e2relay.protocol.bus.wire.RemoveCall;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.AddMembers;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ClientFrame.BodyCase;
import io.e2relay.protocol.wire.CreateConversation;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.Error;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GetDeviceWraps;
import io.e2relay.protocol.wire.JoinConversation;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.RemoveMembers;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.Subscribe;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.protocol.wire.Subscribed;
import io.e2relay.protocol.wire.Unsubscribe;
import io.e2relay.relay.auth.TokenVerdict;
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
  private final ByteString tenant;
  private final ByteString uid;
  private final ByteString device;
  private final boolean deviceProven;
  private final SendLanes sends;
  private final FetchLine fetches = new FetchLine();
  private final Map<Long, BodyCase> open = new HashMap<>();
  private final Set<ByteString> subscriptions = new HashSet<>();

  Requests(SessionLimits limits, TokenVerdict.Accepted user, ByteString device, boolean deviceProven) {
    this.limits = limits;
    this.tenant = user.tenant().bytes();
    this.uid = user.uid().bytes();
    this.device = device;
    this.deviceProven = deviceProven;
    this.sends = new SendLanes(new SendLane.Sender(uid, device));
  }

  boolean isOpen(long id) {
    return open.containsKey(id);
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
      return error(id, ErrorCode.TOO_MANY_IN_FLIGHT);
    }
    open.put(id, frame.getBodyCase());
    return switch (frame.getBodyCase()) {
      case HELLO -> error(id, ErrorCode.HELLO_FIRST);
      case REFRESH_TOKEN -> List.of(new Effect.CheckToken(id, frame.getRefreshToken().getToken()));
      case PUT_ACCOUNT -> ask(id, Calls.PUT_ACCOUNT,
          PutAccountCall.newBuilder().setTenant(tenant).setCaller(uid).setRequest(frame.getPutAccount()).build());
      case GET_ACCOUNTS -> ask(id, Calls.GET_ACCOUNTS, GetAccountsCall.newBuilder().setTenant(tenant)
          .addAllAccounts(frame.getGetAccounts().getAccountsList()).build());
      case GET_DEVICE_WRAPS -> deviceWraps(id, frame.getGetDeviceWraps());
      case PUT_BACKUP -> proven(id, Calls.PUT_BACKUP,
          PutBackupCall.newBuilder().setTenant(tenant).setCaller(uid).setRequest(frame.getPutBackup()).build());
      case GET_BACKUP ->
        ask(id, Calls.BACKUP_TERMS, BackupTermsCall.newBuilder().setTenant(tenant).setCaller(uid).build());
      case OPEN_BACKUP -> ask(id, Calls.OPEN_BACKUP,
          OpenBackupCall.newBuilder().setTenant(tenant).setCaller(uid).setRequest(frame.getOpenBackup()).build());
      case DELETE_BACKUP -> proven(id, Calls.DELETE_BACKUP, DeleteBackupCall.newBuilder().setTenant(tenant)
          .setCaller(uid).setBundleSeq(frame.getDeleteBackup().getBundleSeq()).build());
      case PUT_SELF ->
        proven(id, Calls.PUT_SELF, PutSelfCall.newBuilder().setCaller(uid).setRequest(frame.getPutSelf()).build());
      case GET_SELF -> proven(id, Calls.GET_SELF,
          GetSelfCall.newBuilder().setCaller(uid).addAllKinds(frame.getGetSelf().getKindsList()).build());
      case CREATE_CONVERSATION -> create(id, frame.getCreateConversation());
      case GET_CONVERSATION -> ask(id, Calls.GET, GetCall.newBuilder().setCaller(uid)
          .setConversationId(frame.getGetConversation().getConversationId()).build());
      case LIST_CONVERSATIONS -> list(id, frame.getListConversations());
      case ADD_MEMBERS -> add(id, frame.getAddMembers());
      case REMOVE_MEMBERS -> remove(id, frame.getRemoveMembers());
      case LEAVE -> ask(id, Calls.LEAVE,
          LeaveCall.newBuilder().setCaller(uid).setConversationId(frame.getLeave().getConversationId()).build());
      case JOIN_CONVERSATION -> join(id, frame.getJoinConversation());
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

  List<Effect> answered(long id, Message answer) {
    return switch (answer) {
      case ConversationReply reply -> conversation(id, reply);
      case ListReply reply -> switch (reply.getOutcomeCase()) {
        case PAGE -> replied(id, ServerFrame.newBuilder().setConversationPage(reply.getPage()));
        case REFUSAL -> refused(id, Frames.error(reply.getRefusal()));
        case OUTCOME_NOT_SET -> refused(id, Frames.error(ErrorCode.UNAVAILABLE));
      };
      case DoneReply reply -> switch (reply.getOutcomeCase()) {
        case DONE -> replied(id, ServerFrame.newBuilder().setDone(Done.getDefaultInstance()));
        case REFUSAL -> refused(id, Frames.error(reply.getRefusal()));
        case OUTCOME_NOT_SET -> refused(id, Frames.error(ErrorCode.UNAVAILABLE));
      };
      case GetAccountsReply reply -> switch (reply.getOutcomeCase()) {
        case ACCOUNTS -> replied(id, ServerFrame.newBuilder().setAccounts(reply.getAccounts()));
        case REFUSAL -> refused(id, Frames.error(reply.getRefusal()));
        case OUTCOME_NOT_SET -> refused(id, Frames.error(ErrorCode.UNAVAILABLE));
      };
      case DeviceWrapsReply reply -> switch (reply.getOutcomeCase()) {
        case WRAPS -> replied(id, ServerFrame.newBuilder().setDeviceWraps(reply.getWraps()));
        case REFUSAL -> refused(id, Frames.error(reply.getRefusal()));
        case OUTCOME_NOT_SET -> refused(id, Frames.error(ErrorCode.UNAVAILABLE));
      };
      case BackupTermsReply reply -> switch (reply.getOutcomeCase()) {
        case TERMS -> replied(id, ServerFrame.newBuilder().setBackupTerms(reply.getTerms()));
        case REFUSAL -> refused(id, Frames.error(reply.getRefusal()));
        case OUTCOME_NOT_SET -> refused(id, Frames.error(ErrorCode.UNAVAILABLE));
      };
      case OpenBackupReply reply -> switch (reply.getOutcomeCase()) {
        case BACKUP -> replied(id, ServerFrame.newBuilder().setBackup(reply.getBackup()));
        case REFUSAL -> refused(id, Frames.error(reply.getRefusal()));
        case OUTCOME_NOT_SET -> refused(id, Frames.error(ErrorCode.UNAVAILABLE));
      };
      case GetSelfReply reply -> switch (reply.getOutcomeCase()) {
        case BLOBS -> replied(id, ServerFrame.newBuilder().setSelfBlobs(reply.getBlobs()));
        case REFUSAL -> refused(id, Frames.error(reply.getRefusal()));
        case OUTCOME_NOT_SET -> refused(id, Frames.error(ErrorCode.UNAVAILABLE));
      };
      default -> throw new IllegalArgumentException("nobody asked for a " + answer.getDescriptorForType().getName());
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

  /// A token alone does not get at the keys, wrapped as they are.
  private List<Effect> deviceWraps(long id, GetDeviceWraps request) {
    return deviceProven
        ? ask(id, Calls.DEVICE_WRAPS,
            DeviceWrapsCall.newBuilder().setCaller(uid).setDeviceId(device).setAfterSeq(request.getAfterSeq()).build())
        : error(id, ErrorCode.DEVICE_UNPROVEN);
  }

  private List<Effect> create(long id, CreateConversation request) {
    return request.getMembersCount() > limits.members()
        ? error(id, ErrorCode.LIMIT_EXCEEDED)
        : ask(id, Calls.CREATE, CreateCall.newBuilder().setTenant(tenant).setCaller(uid).setRequest(request).build());
  }

  private List<Effect> list(long id, ListConversations request) {
    return ask(id, Calls.LIST, ListCall.newBuilder().setCaller(uid).setAfter(request.getAfter())
        .setLimit(capped(request.getLimit(), limits.listEntries())).build());
  }

  private List<Effect> add(long id, AddMembers request) {
    return request.getMembersCount() > limits.members()
        ? error(id, ErrorCode.LIMIT_EXCEEDED)
        : ask(id, Calls.ADD, AddCall.newBuilder().setCaller(uid).setConversationId(request.getConversationId())
            .addAllMembers(request.getMembersList()).build());
  }

  private List<Effect> remove(long id, RemoveMembers request) {
    return request.getMembersCount() > limits.members()
        ? error(id, ErrorCode.LIMIT_EXCEEDED)
        : ask(id, Calls.REMOVE, RemoveCall.newBuilder().setCaller(uid).setConversationId(request.getConversationId())
            .addAllMembers(request.getMembersList()).build());
  }

  private List<Effect> join(long id, JoinConversation request) {
    return ask(id, Calls.JOIN, JoinCall.newBuilder().setTenant(tenant).setCaller(uid)
        .setConversationId(request.getConversationId()).setLinkSecret(request.getLinkSecret()).build());
  }

  private List<Effect> send(long id, Send request) {
    return request.getBody().size() > limits.bodyBytes()
        ? error(id, ErrorCode.TOO_LARGE)
        : sends(lanes -> lanes.offer(id, request));
  }

  private List<Effect> fetch(long id, Fetch request) {
    return fetches.offer(new Effect.ReadPage(id,
        request.toBuilder().setLimit(capped(request.getLimit(), limits.pageEntries())).build()));
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

  private List<Effect> conversation(long id, ConversationReply reply) {
    return switch (reply.getOutcomeCase()) {
      case CONVERSATION -> replied(id,
          open.get(id) == BodyCase.LEAVE
              ? ServerFrame.newBuilder().setDone(Done.getDefaultInstance())
              : ServerFrame.newBuilder().setConversation(reply.getConversation()));
      case REFUSAL -> refused(id, Frames.error(reply.getRefusal()));
      case OUTCOME_NOT_SET -> refused(id, Frames.error(ErrorCode.UNAVAILABLE));
    };
  }

  private List<Effect> error(long id, ErrorCode code) {
    open.remove(id);
    return List.of(new Effect.Reply(Frames.reply(id, Frames.error(code))));
  }

  /// For what a token alone does not suffice.
  private <Q extends Message, A extends Message> List<Effect> proven(long id, Call<Q, A> call, Q question) {
    return deviceProven ? ask(id, call, question) : error(id, ErrorCode.DEVICE_UNPROVEN);
  }

  private static <Q extends Message, A extends Message> List<Effect> ask(long id, Call<Q, A> call, Q question) {
    return List.of(new Effect.Ask<>(id, call, question));
  }

  private static List<Effect> followedBy(Effect first, List<Effect> rest) {
    List<Effect> effects = new ArrayList<>();
    effects.add(first);
    effects.addAll(rest);
    return effects;
  }

  /// 0 means the limit.
  private static int capped(int asked, int limit) {
    return asked <= 0 ? limit : Math.min(asked, limit);
  }
}
