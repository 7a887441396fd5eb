// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static io.e2relay.relay.session.SessionDriver.ANNE;
import static io.e2relay.relay.session.SessionDriver.DEVICE;
import static io.e2relay.relay.session.SessionDriver.assertCloses;
import static io.e2relay.relay.session.SessionDriver.assertRefused;
import static io.e2relay.relay.session.SessionDriver.assertStays;
import static io.e2relay.relay.session.SessionDriver.frame;
import static io.e2relay.relay.session.SessionDriver.hello;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.DoneReply;
import io.e2relay.protocol.bus.wire.RetireDeviceCall;
import io.e2relay.protocol.bus.wire.SignInReply;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Done;
import io.e2relay.protocol.wire.GetSelf;
import io.e2relay.protocol.wire.RetireDevice;
import io.e2relay.relay.auth.TokenVerdict;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What a session does when the device behind it is none of the user's any more, and who it says is there.
final class SessionDevicesTest {
  private static final Set<ByteString> WITH = Set.of(DEVICE, ByteString.copyFromUtf8("o".repeat(16)));
  private static final Set<ByteString> WITHOUT = Set.of(ByteString.copyFromUtf8("o".repeat(16)));
  private static final SignInReply PROVEN = SessionDriver.signedIn(7).toBuilder().setDeviceProven(true)
      .setDeviceKey(SessionDriver.KEY).build();
  private static final ClientFrame RETIRE = ClientFrame.newBuilder().setId(9)
      .setRetireDevice(RetireDevice.getDefaultInstance()).build();
  private static final DoneReply DONE = DoneReply.newBuilder().setDone(Done.getDefaultInstance()).build();

  @Test
  void a_device_that_left_the_account_is_told_so_and_closed_and_nothing_more_is_done_for_it() {
    SessionDriver driver = SessionDriver.proven();
    List<Effect> effects = driver.session.devices(WITHOUT);
    assertRefused(effects, 0, ErrorCode.DEVICE_UNPROVEN);
    assertCloses(effects, CloseCode.DEVICE_REFUSED);
    assertEquals(List.of(), driver.receive(self(5)));
    assertEquals(List.of(), driver.session.devices(WITHOUT));
  }

  @Test
  void devices_that_stay_and_connections_that_prove_nothing_go_on() {
    for (SessionDriver driver : List.of(SessionDriver.proven(), SessionDriver.ready())) {
      assertEquals(List.of(), driver.session.devices(WITH));
    }
    assertEquals(List.of(), SessionDriver.ready().session.devices(WITHOUT));
    assertEquals(List.of(), new SessionDriver().session.devices(WITHOUT));
  }

  @Test
  void what_was_found_good_before_it_was_removed_has_to_come_again() {
    SessionDriver driver = signingIn();
    assertEquals(List.of(), driver.session.devices(WITHOUT));
    List<Effect> effects = driver.session.signedIn(1, PROVEN);
    assertRefused(effects, 1, ErrorCode.UNAVAILABLE);
    assertCloses(effects, CloseCode.OVERLOADED);

    SessionDriver staying = signingIn();
    staying.session.devices(WITHOUT);
    staying.session.devices(WITH);
    assertTrue(frame(staying.session.signedIn(1, PROVEN)).getWelcome().getDeviceProven());

    SessionDriver stranger = signingIn();
    stranger.session.devices(WITHOUT);
    assertFalse(frame(stranger.session.signedIn(1, SessionDriver.signedIn(7))).getWelcome().getDeviceProven());

    SessionDriver again = signingIn();
    again.session.devices(WITHOUT);
    again.session.signInFailed(1, again.now);
    again.receive(hello(2));
    again.session.checked(2, ANNE, again.now);
    assertTrue(frame(again.session.signedIn(2, PROVEN)).getWelcome().getDeviceProven());
  }

  @Test
  void who_retires_gets_the_answer_and_is_closed_then() {
    for (boolean told : new boolean[]{true, false}) {
      SessionDriver driver = retiring();
      if (told) {
        assertEquals(List.of(), driver.session.devices(WITHOUT));
        assertStays(driver.receive(self(5)));
      }
      List<Effect> effects = driver.session.answered(9, DONE);
      assertTrue(frame(effects).hasDone());
      assertEquals(9, frame(effects).getReplyTo());
      assertCloses(effects, CloseCode.DEVICE_REFUSED);
      assertEquals(List.of(), driver.receive(self(6)));
    }
  }

  @Test
  void who_tried_to_retire_stays_unless_the_news_came_all_the_same() {
    DoneReply refused = DoneReply.newBuilder().setRefusal(ErrorCode.UNAVAILABLE.refusal()).build();
    SessionDriver driver = retiring();
    assertStays(driver.session.answered(9, refused));
    assertEquals(1, driver.receive(RETIRE).size());
    assertStays(driver.session.failed(9));
    assertEquals(1, driver.receive(RETIRE).size());
    driver.session.devices(WITHOUT);
    List<Effect> failed = driver.session.failed(9);
    assertRefused(failed, 9, ErrorCode.UNAVAILABLE);
    assertCloses(failed, CloseCode.DEVICE_REFUSED);

    SessionDriver other = retiring();
    other.session.devices(WITHOUT);
    assertCloses(other.session.answered(9, refused), CloseCode.DEVICE_REFUSED);
  }

  @Test
  void only_a_proven_device_can_retire() {
    assertRefused(SessionDriver.ready().receive(RETIRE), 9, ErrorCode.DEVICE_UNPROVEN);
  }

  @Test
  void that_the_token_is_a_bots_goes_to_the_key_service() {
    for (boolean bot : new boolean[]{true, false}) {
      SessionDriver driver = new SessionDriver();
      driver.receive(hello(1));
      TokenVerdict.Accepted token = new TokenVerdict.Accepted(ANNE.tenant(), ANNE.uid(), ANNE.subject(),
          ANNE.expiresMs(), bot);
      Effect.SignIn asked = (Effect.SignIn) driver.session.checked(1, token, driver.now).getLast();
      assertEquals(bot, asked.question().getBot());
    }
  }

  private static SessionDriver signingIn() {
    SessionDriver driver = new SessionDriver();
    driver.receive(hello(1));
    driver.session.checked(1, ANNE, driver.now);
    return driver;
  }

  private static SessionDriver retiring() {
    SessionDriver driver = SessionDriver.proven();
    assertEquals(
        List.of(new Effect.Ask<>(9, Calls.RETIRE_DEVICE,
            RetireDeviceCall.newBuilder().setCaller(ANNE.uid().bytes()).setDeviceId(DEVICE).build())),
        driver.receive(RETIRE));
    return driver;
  }

  private static ClientFrame self(long id) {
    return ClientFrame.newBuilder().setId(id).setGetSelf(GetSelf.getDefaultInstance()).build();
  }
}
