// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.SignInCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Decoded;
import io.e2relay.protocol.wire.Challenge;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.protocol.wire.TokenRefreshed;
import io.e2relay.protocol.wire.Welcome;
import io.e2relay.relay.auth.TokenVerdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One connection from Challenge to close: what came in becomes what shall be done. Every request gets exactly one
/// reply, or the connection closes.
public final class Session {
  private enum Phase {
    AWAITING_HELLO, CHECKING, SIGNING_IN, READY, CLOSED
  }

  private final SessionLimits limits;
  private final ByteString sessionId;
  private final RateRule rate;
  private Phase phase = Phase.AWAITING_HELLO;
  private long helloDeadlineMs;
  private int hellos;
  private int malformed;
  private final Told told = new Told();
  // Told, while nothing could be done about it, that the device is none of the user's any more.
  private boolean ousted;
  private Challenge challenge = Challenge.getDefaultInstance();
  private @Nullable Hello greeting;
  private TokenVerdict.@Nullable Accepted user;
  private @Nullable Requests requests;

  public Session(SessionLimits limits, ByteString sessionId, long nowMs) {
    this.limits = limits;
    this.sessionId = sessionId;
    this.rate = new RateRule(limits, nowMs);
    this.helloDeadlineMs = nowMs + limits.helloWithin().toMillis();
  }

  /// The longest frame that may come now, in bytes.
  public int frameBytesMax() {
    return phase == Phase.READY ? limits.frameBytes() : limits.helloBytes();
  }

  public int pendingSends() {
    return requests == null ? 0 : requests.pendingSends();
  }

  public List<Effect> opened(ByteString nonce, String audience) {
    challenge = Challenge.newBuilder().setNonce(nonce).setAudience(audience)
        .setHelloWithinMs((int) limits.helloWithin().toMillis()).build();
    return List.of(new Effect.Reply(ServerFrame.newBuilder().setChallenge(challenge).build()));
  }

  public List<Effect> received(Decoded decoded, long nowMs) {
    if (phase == Phase.CLOSED) {
      return List.of();
    }
    if (phase == Phase.READY && !rate.take(nowMs)) {
      if (decoded instanceof Decoded.Valid(var frame)) {
        requests().passedOver(frame);
      }
      return tooFast(idOf(decoded), nowMs);
    }
    return switch (decoded) {
      case Decoded.Malformed broken -> malformed(broken.id(), broken.code(), broken.detail());
      case Decoded.Valid(var frame) when frame.getId() == 0 ->
        malformed(0, ErrorCode.MALFORMED, "a request has an id that is not 0");
      case Decoded.Valid(var frame) -> requests != null ? requests.request(frame, this) : first(frame);
    };
  }

  public List<Effect> checked(long id, TokenVerdict verdict, long nowMs) {
    return switch (phase) {
      case CHECKING -> switch (verdict) {
        case TokenVerdict.Refused(var code) -> refuseHello(id, code);
        case TokenVerdict.Accepted accepted when accepted.expiresMs() <= nowMs ->
          refuseHello(id, ErrorCode.TOKEN_EXPIRED);
        case TokenVerdict.Accepted accepted -> signIn(id, accepted);
      };
      case READY -> refreshed(id, verdict, nowMs);
      case AWAITING_HELLO, SIGNING_IN, CLOSED -> List.of();
    };
  }

  public List<Effect> signedIn(long id, SignInReply reply) {
    if (phase != Phase.SIGNING_IN || user == null || greeting == null) {
      return List.of();
    }
    if (ousted && !reply.getDeviceKey().isEmpty()) {
      // It may have been found good before it was removed: the next Hello tells.
      return refuseHello(id, ErrorCode.UNAVAILABLE);
    }
    return switch (reply.getOutcomeCase()) {
      case USER_VERSION -> {
        phase = Phase.READY;
        told.welcomed(reply.getUserVersion(), reply.getAccountSeq());
        Identity identity = new Identity(user.tenant().bytes(), user.uid().bytes(), greeting.getDeviceId(),
            reply.getDeviceKey());
        requests = new Requests(limits, identity);
        // With the token: nothing asks for it again.
        greeting = null;
        yield List.of(reply(id, welcome(user, reply, identity)));
      }
      case REFUSAL -> refuseHello(id, ErrorCode.of(reply.getRefusal()));
      case OUTCOME_NOT_SET -> refuseHello(id, ErrorCode.UNAVAILABLE);
    };
  }

  /// Nothing is known; the client may say Hello again on this connection.
  public List<Effect> signInFailed(long id, long nowMs) {
    if (phase != Phase.SIGNING_IN) {
      return List.of();
    }
    phase = Phase.AWAITING_HELLO;
    helloDeadlineMs = nowMs + limits.helloWithin().toMillis();
    return List.of(error(id, ErrorCode.UNAVAILABLE));
  }

  public List<Effect> answered(long id, Message answer) {
    if (!ready()) {
      return List.of();
    }
    boolean retired = requests().isRetiring(id) && (ousted || (answer instanceof DoneReply reply && reply.hasDone()));
    return thenEnd(retired, requests().answered(id, answer));
  }

  /// The one place where a call that failed becomes a refusal: no handler, no answer in time, or a handler that broke.
  public List<Effect> failed(long id) {
    if (!ready()) {
      return List.of();
    }
    boolean retired = requests().isRetiring(id) && ousted;
    return thenEnd(retired, requests().refused(id, Frames.error(ErrorCode.UNAVAILABLE)));
  }

  public List<Effect> placed(ByteString conversation, Placed placed) {
    return ready() ? requests().sends(lanes -> lanes.placed(conversation, placed)) : List.of();
  }

  public List<Effect> placeFailed(ByteString conversation) {
    return ready() ? requests().sends(lanes -> lanes.placeFailed(conversation)) : List.of();
  }

  public List<Effect> appended(long id, AppendReply reply) {
    return ready() ? requests().sends(lanes -> lanes.appended(id, reply)) : List.of();
  }

  public List<Effect> appendFailed(long id) {
    return ready() ? requests().sends(lanes -> lanes.appendFailed(id)) : List.of();
  }

  public List<Effect> forged(long id) {
    return ready() ? requests().sends(lanes -> lanes.forged(id)) : List.of();
  }

  public List<Effect> read(long id, PageOutcome outcome) {
    return ready() ? requests().read(id, outcome) : List.of();
  }

  public List<Effect> subscribed(long id, List<SubscribeResult> results) {
    return ready() ? requests().subscribed(id, results) : List.of();
  }

  /// The user is no longer in this conversation.
  public List<Effect> detached(ByteString conversation) {
    return ready() ? requests().detached(conversation) : List.of();
  }

  /// These are the user's devices now: who proved to be another one is closed. Who is just retiring gets an answer
  /// first.
  public List<Effect> devices(Set<ByteString> devices) {
    return switch (phase) {
      case SIGNING_IN -> {
        ousted = greeting == null || !devices.contains(greeting.getDeviceId());
        yield List.of();
      }
      case READY -> {
        ousted = !requests().isOneOf(devices);
        yield ousted && !requests().isRetiring()
            ? refuseAndClose(0, ErrorCode.DEVICE_UNPROVEN, CloseCode.DEVICE_REFUSED)
            : List.of();
      }
      case AWAITING_HELLO, CHECKING, CLOSED -> List.of();
    };
  }

  /// News of the user's list; while the Hello is still unanswered they go into Welcome.
  public List<Effect> changed(ByteString conversation, long userVersion) {
    told.changed(userVersion);
    return ready() ? List.of(new Effect.Reply(Frames.changed(conversation, userVersion))) : List.of();
  }

  /// News of an account; before Welcome nobody has it yet, and Welcome or GetAccounts tells.
  public List<Effect> accountChanged(ByteString uid, long seq) {
    if (user != null && user.uid().bytes().equals(uid)) {
      told.account(seq);
    }
    return ready() ? List.of(new Effect.Reply(Frames.accountChanged(uid, seq))) : List.of();
  }

  /// Where the user stands, for news of it may have been lost. What changed in the list cannot be told any more, so
  /// the client has to come again and ask.
  public List<Effect> stands(UserState state) {
    if (!ready() || user == null || state.getAccountSeq() < told.accountSeq()) {
      return List.of();
    }
    if (told.missed(state.getVersion())) {
      return end(CloseCode.RESTARTING);
    }
    List<Effect> effects = new ArrayList<>();
    if (told.account(state.getAccountSeq())) {
      effects.add(new Effect.Reply(Frames.accountChanged(user.uid().bytes(), state.getAccountSeq())));
    }
    if (state.getAccountSeq() > 0) {
      effects.addAll(devices(Set.copyOf(state.getDeviceIdsList())));
    }
    return effects;
  }

  /// The user can read and write this conversation now.
  public List<Effect> memberReady(ByteString conversation, long epoch) {
    return ready() ? List.of(new Effect.Reply(Frames.memberReady(conversation, epoch))) : List.of();
  }

  public List<Effect> jobsWaiting(ByteString conversation) {
    return ready() ? List.of(new Effect.Reply(Frames.jobsWaiting(conversation))) : List.of();
  }

  public List<Effect> writable(boolean writable) {
    return ready() ? requests().writable(writable) : List.of();
  }

  public List<Effect> draining(int spreadMs) {
    return phase == Phase.CLOSED ? List.of() : List.of(new Effect.Reply(Frames.draining(spreadMs)));
  }

  public List<Effect> tick(long nowMs) {
    if (phase == Phase.AWAITING_HELLO && nowMs >= helloDeadlineMs) {
      return end(CloseCode.HELLO_TIMEOUT);
    }
    if (phase == Phase.READY && user != null && nowMs >= user.expiresMs()) {
      phase = Phase.CLOSED;
      return List.of(error(0, ErrorCode.TOKEN_EXPIRED), new Effect.Close(CloseCode.TOKEN_EXPIRED));
    }
    return List.of();
  }

  /// The edge, or a rule, has a reason to close.
  public List<Effect> end(CloseCode code) {
    if (phase == Phase.CLOSED) {
      return List.of();
    }
    phase = Phase.CLOSED;
    return List.of(new Effect.Close(code));
  }

  List<Effect> malformed(long id, ErrorCode code, String detail) {
    long replyTo = requests != null && requests.isOpen(id) ? 0 : id;
    List<Effect> effects = new ArrayList<>();
    effects.add(new Effect.Reply(Frames.reply(replyTo, Frames.error(code).toBuilder().setMessage(detail).build())));
    if (code == ErrorCode.MALFORMED && ++malformed >= SessionLimits.MALFORMED_MAX) {
      effects.addAll(end(CloseCode.PROTOCOL));
    }
    return effects;
  }

  private List<Effect> first(ClientFrame frame) {
    if (phase != Phase.AWAITING_HELLO || !frame.hasHello()) {
      return refuseAndClose(frame.getId(), ErrorCode.HELLO_FIRST, CloseCode.PROTOCOL);
    }
    if (++hellos > SessionLimits.HELLO_MAX) {
      return refuseAndClose(frame.getId(), ErrorCode.TOO_FAST, CloseCode.OVERLOADED);
    }
    phase = Phase.CHECKING;
    greeting = frame.getHello();
    return List.of(new Effect.CheckToken(frame.getId(), frame.getHello().getToken()));
  }

  private List<Effect> signIn(long id, TokenVerdict.Accepted accepted) {
    phase = Phase.SIGNING_IN;
    ousted = false;
    user = accepted;
    SignInCall.Builder question = SignInCall.newBuilder().setTenant(accepted.tenant().bytes())
        .setUid(accepted.uid().bytes()).setSubject(accepted.subject()).setBot(accepted.bot());
    if (greeting != null) {
      question.setDeviceId(greeting.getDeviceId());
      if (greeting.hasLogin()) {
        question.setLogin(greeting.getLogin()).setNonce(challenge.getNonce()).setAudience(challenge.getAudience());
      }
    }
    // Hints from now on: a change between the key service's answer and Welcome must not be lost.
    return List.of(new Effect.Ready(accepted.uid()), new Effect.SignIn(id, question.build()));
  }

  private List<Effect> refuseHello(long id, ErrorCode code) {
    return refuseAndClose(id, code, switch (code) {
      case TOKEN_EXPIRED -> CloseCode.TOKEN_EXPIRED;
      // Nobody could tell whether the token is good: the client shall come again.
      case UNAVAILABLE -> CloseCode.OVERLOADED;
      case MALFORMED, TOO_LARGE, HELLO_FIRST, LIMIT_EXCEEDED, UNSUPPORTED, TOKEN_INVALID, TOKEN_OTHER_USER,
          NOT_A_MEMBER, MEMBER_PENDING, STALE_EPOCH, EPOCH_CLOSED, DUPLICATE_DIFFERS, NOT_ALLOWED, TOO_FAST,
          TOO_MANY_IN_FLIGHT, RECORD_REFUSED, ACCOUNT_MOVED, BACKUP_REFUSED, BACKUP_LOCKED, BACKUP_MOVED,
          PLAINTEXT_REJECTED, RECORD_REQUIRED, OUT_OF_ORDER, STALE_KEYS, EPOCH_MOVED, ROSTER_MISMATCH, UPGRADED,
          LAST_ADMIN ->
        CloseCode.TOKEN_REFUSED;
      case DEVICE_UNPROVEN, DEVICE_IDLE -> CloseCode.DEVICE_REFUSED;
    });
  }

  /// A token that is not good does not end the connection: the one before is still valid until it expires.
  private List<Effect> refreshed(long id, TokenVerdict verdict, long nowMs) {
    TokenVerdict.Accepted before = user;
    return switch (verdict) {
      case TokenVerdict.Refused(var code) -> requests().refused(id, Frames.error(code));
      case TokenVerdict.Accepted now when before == null || !now.uid().equals(before.uid())
          || !now.tenant().equals(before.tenant()) ->
        requests().refused(id, Frames.error(ErrorCode.TOKEN_OTHER_USER));
      case TokenVerdict.Accepted now when now.expiresMs() <= nowMs ->
        requests().refused(id, Frames.error(ErrorCode.TOKEN_EXPIRED));
      case TokenVerdict.Accepted now -> {
        user = now;
        yield requests().replied(id,
            ServerFrame.newBuilder().setTokenRefreshed(TokenRefreshed.newBuilder().setTokenExpiresMs(now.expiresMs())));
      }
    };
  }

  private List<Effect> thenEnd(boolean retired, List<Effect> effects) {
    return retired ? Stream.concat(effects.stream(), end(CloseCode.DEVICE_REFUSED).stream()).toList() : effects;
  }

  private List<Effect> tooFast(long id, long nowMs) {
    long replyTo = requests != null && requests.isOpen(id) ? 0 : id;
    List<Effect> effects = new ArrayList<>();
    effects.add(new Effect.Reply(Frames.reply(replyTo, Frames.error(ErrorCode.TOO_FAST, rate.waitMs(), 0))));
    if (rate.isDeaf(nowMs)) {
      effects.addAll(end(CloseCode.TOO_FAST));
    }
    return effects;
  }

  List<Effect> refuseAndClose(long id, ErrorCode code, CloseCode close) {
    phase = Phase.CLOSED;
    return List.of(error(id, code), new Effect.Close(close));
  }

  private ServerFrame.Builder welcome(TokenVerdict.Accepted user, SignInReply signedIn, Identity identity) {
    return ServerFrame.newBuilder()
        .setWelcome(Welcome.newBuilder().setTenant(user.tenant().bytes()).setUid(user.uid().bytes())
            .setSessionId(sessionId).setLimits(limits.toWire()).setTokenExpiresMs(user.expiresMs())
            .setUserVersion(told.newest()).setAccountSeq(signedIn.getAccountSeq()).setDeviceProven(identity.proven())
            .addCapabilities("open").addCapabilities("e2ee"));
  }

  private boolean ready() {
    return phase == Phase.READY;
  }

  private Requests requests() {
    if (requests == null) {
      throw new IllegalStateException("only a session that is ready has requests");
    }
    return requests;
  }

  private static long idOf(Decoded decoded) {
    return switch (decoded) {
      case Decoded.Valid(var frame) -> frame.getId();
      case Decoded.Malformed broken -> broken.id();
    };
  }

  private static Effect reply(long id, ServerFrame.Builder frame) {
    return new Effect.Reply(frame.setReplyTo(id).build());
  }

  private static Effect error(long id, ErrorCode code) {
    return new Effect.Reply(Frames.reply(id, Frames.error(code)));
  }
}
