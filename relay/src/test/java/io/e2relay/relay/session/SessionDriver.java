// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Decoded;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Hello;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.relay.auth.TokenVerdict;
import java.time.Duration;
import java.util.List;

/// A session with its hand-held clock, and the frames to drive it.
final class SessionDriver {
  static final SessionLimits LIMITS = new SessionLimits(16_384, 524_288, 1_000, 10, 20, 6, 4, 5, 100, 100,
      Duration.ofSeconds(5), Duration.ofSeconds(25));
  static final long START = 1_000_000;
  static final ByteString CONVERSATION = ByteString.copyFrom(new byte[32]);
  static final ByteString DEVICE = ByteString.copyFrom(new byte[16]);
  static final ByteString KEY = ByteString.copyFrom(new byte[65]);
  static final TokenVerdict.Accepted ANNE = accepted(1, START + 600_000);

  final Session session;
  long now = START;

  SessionDriver() {
    this(LIMITS);
  }

  SessionDriver(SessionLimits limits) {
    session = new Session(limits, ByteString.copyFrom(new byte[16]), START);
  }

  static SessionDriver ready() {
    SessionDriver driver = new SessionDriver();
    driver.receive(hello(1));
    driver.session.checked(1, ANNE, driver.now);
    driver.session.signedIn(1, signedIn(7));
    return driver;
  }

  /// Ready, on a device that has proven itself.
  static SessionDriver proven() {
    return proven(LIMITS);
  }

  static SessionDriver proven(SessionLimits limits) {
    SessionDriver driver = new SessionDriver(limits);
    driver.receive(hello(1));
    driver.session.checked(1, ANNE, driver.now);
    driver.session.signedIn(1, signedIn(7).toBuilder().setDeviceProven(true).setDeviceKey(KEY).build());
    return driver;
  }

  static SignInReply signedIn(long userVersion) {
    return SignInReply.newBuilder().setUserVersion(userVersion).build();
  }

  static TokenVerdict.Accepted accepted(int user, long expiresMs) {
    return new TokenVerdict.Accepted(new TenantId(ByteString.copyFrom(new byte[16])),
        new Uid(ByteString.copyFrom(new byte[]{(byte) user, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})), "u" + user,
        expiresMs, false);
  }

  List<Effect> receive(ClientFrame frame) {
    return session.received(new Decoded.Valid(frame), now);
  }

  static ClientFrame hello(long id) {
    return ClientFrame.newBuilder().setId(id).setHello(Hello.newBuilder().setToken("token").setDeviceId(DEVICE))
        .build();
  }

  static ClientFrame send(long id, long epoch) {
    return ClientFrame
        .newBuilder().setId(id).setSend(Send.newBuilder().setConversationId(CONVERSATION)
            .setMsgId(ByteString.copyFrom(new byte[16])).setEpoch(epoch).setBody(ByteString.copyFromUtf8("m" + id)))
        .build();
  }

  static ServerFrame frame(List<Effect> effects) {
    return effects.stream().filter(Effect.Reply.class::isInstance).map(e -> ((Effect.Reply) e).frame()).findFirst()
        .orElseThrow(() -> new AssertionError("no reply in " + effects));
  }

  static void assertRefused(List<Effect> effects, long id, ErrorCode code) {
    ServerFrame frame = frame(effects);
    assertEquals(id, frame.getReplyTo());
    assertEquals(code.name(), frame.getError().getName());
    assertEquals(code.number(), frame.getError().getCode());
    assertEquals(code.advice(), frame.getError().getAdvice());
  }

  static void assertCloses(List<Effect> effects, CloseCode code) {
    assertEquals(new Effect.Close(code), effects.getLast());
  }

  static void assertStays(List<Effect> effects) {
    assertEquals(0, effects.stream().filter(Effect.Close.class::isInstance).count(), effects::toString);
  }
}
