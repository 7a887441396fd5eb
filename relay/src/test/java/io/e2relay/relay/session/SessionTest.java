// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static io.e2relay.relay.session.SessionDriver.ANNE;
import static io.e2relay.relay.session.SessionDriver.CONVERSATION;
import static io.e2relay.relay.session.SessionDriver.LIMITS;
import static io.e2relay.relay.session.SessionDriver.START;
import static io.e2relay.relay.session.SessionDriver.accepted;
import static io.e2relay.relay.session.SessionDriver.assertCloses;
import static io.e2relay.relay.session.SessionDriver.assertRefused;
import static io.e2relay.relay.session.SessionDriver.assertStays;
import static io.e2relay.relay.session.SessionDriver.frame;
import static io.e2relay.relay.session.SessionDriver.hello;
import static io.e2relay.relay.session.SessionDriver.send;
import static io.e2relay.relay.session.SessionDriver.signedIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Decoded;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.DeviceLogin;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.RefreshToken;
import io.e2relay.relay.auth.TokenVerdict;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SessionTest {
  private static final ClientFrame GET = get(5);

  @Test
  void the_first_frame_is_a_challenge_with_the_nonce() {
    ByteString nonce = ByteString.copyFromUtf8("n".repeat(32));
    assertEquals(nonce, frame(new SessionDriver().session.opened(nonce, "here")).getChallenge().getNonce());
  }

  @Test
  void a_hello_with_a_good_token_is_welcomed_with_the_limits_and_the_version_of_the_list() {
    SessionDriver driver = new SessionDriver();
    assertEquals(List.of(new Effect.CheckToken(1, "token")), driver.receive(hello(1)));
    List<Effect> signing = driver.session.checked(1, ANNE, driver.now);
    assertEquals(new Effect.Ready(ANNE.uid()), signing.getFirst());
    var welcome = frame(driver.session.signedIn(1, signedIn(7))).getWelcome();
    assertEquals(7, welcome.getUserVersion());
    assertEquals(ANNE.uid().bytes(), welcome.getUid());
    assertEquals(LIMITS.toWire(), welcome.getLimits());
    assertEquals(ANNE.expiresMs(), welcome.getTokenExpiresMs());
  }

  @Test
  void what_a_device_signed_goes_to_the_key_service_with_this_connections_nonce() {
    SessionDriver driver = new SessionDriver();
    ByteString nonce = ByteString.copyFromUtf8("n".repeat(32));
    driver.session.opened(nonce, "here");
    DeviceLogin login = DeviceLogin.newBuilder().setSignature(ByteString.copyFrom(new byte[64])).setSignedMs(5).build();
    ClientFrame hello = hello(1);
    driver.receive(hello.toBuilder().setHello(hello.getHello().toBuilder().setLogin(login)).build());
    Effect.SignIn asked = (Effect.SignIn) driver.session.checked(1, ANNE, driver.now).getLast();
    assertEquals(login, asked.question().getLogin());
    assertEquals(nonce, asked.question().getNonce());
    assertEquals("here", asked.question().getAudience());
    assertEquals(SessionDriver.DEVICE, asked.question().getDeviceId());
    SignInReply proven = SignInReply.newBuilder().setUserVersion(7).setAccountSeq(4).setDeviceProven(true)
        .setDeviceKey(SessionDriver.KEY).build();
    var welcome = frame(driver.session.signedIn(1, proven)).getWelcome();
    assertEquals(4, welcome.getAccountSeq());
    assertTrue(welcome.getDeviceProven());
  }

  @Test
  void a_device_that_cannot_prove_itself_is_told_so_and_closed() {
    SessionDriver driver = new SessionDriver();
    driver.receive(hello(1));
    driver.session.checked(1, ANNE, driver.now);
    List<Effect> effects = driver.session.signedIn(1,
        SignInReply.newBuilder().setRefusal(ErrorCode.DEVICE_UNPROVEN.refusal()).build());
    assertRefused(effects, 1, ErrorCode.DEVICE_UNPROVEN);
    assertCloses(effects, CloseCode.DEVICE_REFUSED);
  }

  @Test
  void a_change_of_the_list_before_welcome_is_in_welcome() {
    SessionDriver driver = new SessionDriver();
    driver.receive(hello(1));
    driver.session.checked(1, ANNE, driver.now);
    assertEquals(List.of(), driver.session.changed(CONVERSATION, 9));
    assertEquals(9, frame(driver.session.signedIn(1, signedIn(7))).getWelcome().getUserVersion());
  }

  @Test
  void without_hello_in_time_it_closes() {
    SessionDriver driver = new SessionDriver();
    assertStays(driver.session.tick(START + 4_999));
    assertCloses(driver.session.tick(START + 5_000), CloseCode.HELLO_TIMEOUT);
    assertStays(SessionDriver.ready().session.tick(START + 5_000));
  }

  @Test
  void any_other_frame_before_hello_closes() {
    SessionDriver driver = new SessionDriver();
    List<Effect> effects = driver.receive(GET);
    assertRefused(effects, 5, ErrorCode.HELLO_FIRST);
    assertCloses(effects, CloseCode.PROTOCOL);
    assertStays(SessionDriver.ready().receive(GET));
  }

  @Test
  void a_frame_before_welcome_closes_too() {
    SessionDriver driver = new SessionDriver();
    driver.receive(hello(1));
    assertCloses(driver.receive(GET), CloseCode.PROTOCOL);
  }

  @Test
  void a_second_hello_is_refused() {
    SessionDriver driver = SessionDriver.ready();
    List<Effect> effects = driver.receive(hello(2));
    assertRefused(effects, 2, ErrorCode.HELLO_FIRST);
    assertStays(effects);
  }

  @Test
  void each_refused_token_closes_with_its_code() {
    refusedToken(new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID), ErrorCode.TOKEN_INVALID, CloseCode.TOKEN_REFUSED);
    refusedToken(new TokenVerdict.Refused(ErrorCode.TOKEN_EXPIRED), ErrorCode.TOKEN_EXPIRED, CloseCode.TOKEN_EXPIRED);
    refusedToken(accepted(1, START), ErrorCode.TOKEN_EXPIRED, CloseCode.TOKEN_EXPIRED);
    refusedToken(new TokenVerdict.Refused(ErrorCode.UNAVAILABLE), ErrorCode.UNAVAILABLE, CloseCode.OVERLOADED);
  }

  private static void refusedToken(TokenVerdict verdict, ErrorCode code, CloseCode close) {
    SessionDriver driver = new SessionDriver();
    driver.receive(hello(1));
    List<Effect> effects = driver.session.checked(1, verdict, driver.now);
    assertRefused(effects, 1, code);
    assertCloses(effects, close);
  }

  @Test
  void a_key_service_that_does_not_answer_leaves_the_socket_open_for_another_hello() {
    SessionDriver driver = new SessionDriver();
    driver.receive(hello(1));
    driver.session.checked(1, ANNE, driver.now);
    List<Effect> effects = driver.session.signInFailed(1, START + 4_000);
    assertRefused(effects, 1, ErrorCode.UNAVAILABLE);
    assertStays(effects);
    assertStays(driver.session.tick(START + 8_999));
    assertEquals(List.of(new Effect.CheckToken(2, "token")), driver.receive(hello(2)));
  }

  @Test
  void hello_over_and_over_closes() {
    SessionDriver driver = new SessionDriver();
    for (int i = 1; i <= SessionLimits.HELLO_MAX; i++) {
      assertStays(driver.receive(hello(i)));
      driver.session.checked(i, ANNE, driver.now);
      driver.session.signInFailed(i, driver.now);
    }
    assertCloses(driver.receive(hello(99)), CloseCode.OVERLOADED);
  }

  @Test
  void a_refreshed_token_moves_the_expiry() {
    SessionDriver driver = SessionDriver.ready();
    assertEquals(List.of(new Effect.CheckToken(2, "newer")), driver.receive(refresh(2)));
    long later = ANNE.expiresMs() + 1_000;
    assertEquals(later,
        frame(driver.session.checked(2, accepted(1, later), driver.now)).getTokenRefreshed().getTokenExpiresMs());
    assertStays(driver.session.tick(ANNE.expiresMs()));
    List<Effect> expired = driver.session.tick(later);
    assertRefused(expired, 0, ErrorCode.TOKEN_EXPIRED);
    assertCloses(expired, CloseCode.TOKEN_EXPIRED);
  }

  @Test
  void a_refresh_that_is_refused_leaves_the_first_token_standing() {
    refusedRefresh(accepted(2, ANNE.expiresMs()), ErrorCode.TOKEN_OTHER_USER);
    refusedRefresh(accepted(1, START), ErrorCode.TOKEN_EXPIRED);
    refusedRefresh(new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID), ErrorCode.TOKEN_INVALID);
  }

  private static void refusedRefresh(TokenVerdict verdict, ErrorCode code) {
    SessionDriver driver = SessionDriver.ready();
    driver.receive(refresh(2));
    List<Effect> effects = driver.session.checked(2, verdict, driver.now);
    assertRefused(effects, 2, code);
    assertStays(effects);
    assertStays(driver.receive(GET));
  }

  @Test
  void the_third_malformed_frame_closes() {
    SessionDriver driver = SessionDriver.ready();
    Decoded broken = new Decoded.Malformed(4, ErrorCode.MALFORMED, "wrong");
    for (int i = 1; i < SessionLimits.MALFORMED_MAX; i++) {
      List<Effect> effects = driver.session.received(broken, driver.now);
      assertRefused(effects, 4, ErrorCode.MALFORMED);
      assertStays(effects);
    }
    assertCloses(driver.session.received(broken, driver.now), CloseCode.PROTOCOL);
  }

  @Test
  void a_request_without_a_body_or_an_id_is_malformed() {
    SessionDriver driver = SessionDriver.ready();
    assertRefused(driver.receive(ClientFrame.newBuilder().setId(3).build()), 3, ErrorCode.MALFORMED);
    assertRefused(driver.receive(get(0)), 0, ErrorCode.MALFORMED);
  }

  @Test
  void an_id_that_is_still_unanswered_cannot_be_used_again() {
    SessionDriver driver = SessionDriver.ready();
    driver.receive(GET);
    assertCloses(driver.receive(GET), CloseCode.PROTOCOL);
    SessionDriver control = SessionDriver.ready();
    control.receive(GET);
    control.session.failed(5);
    assertStays(control.receive(GET));
  }

  @Test
  void requests_above_the_rate_wait_and_who_does_not_wait_is_closed() {
    SessionDriver driver = SessionDriver.ready();
    for (int i = 1; i <= LIMITS.requestBurst(); i++) {
      assertStays(driver.receive(hello(i)));
    }
    List<Effect> effects = driver.receive(hello(100));
    assertRefused(effects, 100, ErrorCode.TOO_FAST);
    assertTrue(frame(effects).getError().getRetryAfterMs() > 0);
    driver.now += frame(effects).getError().getRetryAfterMs();
    assertRefused(driver.receive(hello(101)), 101, ErrorCode.HELLO_FIRST);
    List<Effect> last = List.of();
    for (int i = 0; i < LIMITS.requestBurst() * SessionLimits.REFUSED_BURSTS_MAX - 1; i++) {
      assertStays(last);
      last = driver.receive(hello(200 + i));
    }
    assertCloses(last, CloseCode.TOO_FAST);
  }

  @Test
  void refusals_spread_over_time_do_not_close() {
    SessionDriver driver = SessionDriver.ready();
    int tooFast = 0;
    for (int i = 0; i < 3 * LIMITS.requestBurst() * SessionLimits.REFUSED_BURSTS_MAX; i++) {
      driver.now += i % 2 == 0 ? 100 : 20;
      List<Effect> effects = driver.receive(hello(1 + i));
      assertStays(effects);
      tooFast += frame(effects).getError().getName().equals("TOO_FAST") ? 1 : 0;
    }
    assertTrue(tooFast > 0);
  }

  @Test
  void more_unanswered_requests_than_allowed_are_refused() {
    SessionDriver driver = SessionDriver.ready();
    for (int i = 1; i <= LIMITS.requestsInFlight(); i++) {
      assertStays(driver.receive(get(i)));
    }
    assertRefused(driver.receive(get(50)), 50, ErrorCode.TOO_MANY_IN_FLIGHT);
    driver.session.failed(1);
    assertEquals(Effect.Ask.class, driver.receive(get(51)).getFirst().getClass());
  }

  @Test
  void after_its_end_nothing_comes_out() {
    SessionDriver driver = SessionDriver.ready();
    driver.receive(GET);
    driver.receive(send(6, 0));
    assertCloses(driver.session.end(CloseCode.IDLE), CloseCode.IDLE);
    assertEquals(List.of(), driver.session.end(CloseCode.SLOW));
    assertEquals(List.of(), driver.session.failed(5));
    assertEquals(List.of(), driver.session.placed(CONVERSATION, new Placed.Open(1)));
    assertEquals(List.of(), driver.session.detached(CONVERSATION));
    assertEquals(List.of(), driver.receive(GET));
    assertEquals(List.of(), driver.session.tick(Long.MAX_VALUE));
  }

  @Test
  void frames_may_be_larger_once_welcome_is_out() {
    assertEquals(LIMITS.helloBytes(), new SessionDriver().session.frameBytesMax());
    assertEquals(LIMITS.frameBytes(), SessionDriver.ready().session.frameBytesMax());
  }

  private static ClientFrame get(long id) {
    return ClientFrame.newBuilder().setId(id)
        .setGetConversation(GetConversation.newBuilder().setConversationId(CONVERSATION)).build();
  }

  private static ClientFrame refresh(long id) {
    return ClientFrame.newBuilder().setId(id).setRefreshToken(RefreshToken.newBuilder().setToken("newer")).build();
  }
}
