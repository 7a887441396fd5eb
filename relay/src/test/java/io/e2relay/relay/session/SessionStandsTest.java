// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static io.e2relay.relay.session.SessionDriver.ANNE;
import static io.e2relay.relay.session.SessionDriver.DEVICE;
import static io.e2relay.relay.session.SessionDriver.assertCloses;
import static io.e2relay.relay.session.SessionDriver.assertRefused;
import static io.e2relay.relay.session.SessionDriver.frame;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a session does when the key service says where its user stands. It was welcomed at version 7.
final class SessionStandsTest {
  private static final ByteString ROOM = ByteString.copyFrom(new byte[32]);

  private static UserState.Builder state(long version, long accountSeq) {
    return UserState.newBuilder().setUid(ANNE.uid().bytes()).setVersion(version).setAccountSeq(accountSeq);
  }

  @Test
  void who_was_told_everything_goes_on() {
    SessionDriver driver = SessionDriver.ready();
    driver.session.changed(ROOM, 8);
    for (int look = 0; look < 3; look++) {
      assertEquals(List.of(), driver.session.stands(state(8, 0).build()));
    }
  }

  @Test
  void who_was_not_told_of_a_change_comes_again_and_asks() {
    SessionDriver driver = SessionDriver.ready();
    assertEquals(List.of(), driver.session.stands(state(8, 0).build()));
    assertCloses(driver.session.stands(state(8, 0).build()), CloseCode.RESTARTING);
    assertEquals(List.of(), driver.session.stands(state(8, 0).build()));
  }

  @Test
  void a_record_of_the_own_account_that_was_not_told_is_told_once() {
    SessionDriver driver = SessionDriver.proven();
    UserState newer = state(7, 3).addDeviceIds(DEVICE).build();
    assertEquals(3, frame(driver.session.stands(newer)).getAccountChanged().getLastSeq());
    assertEquals(List.of(), driver.session.stands(newer));
    driver.session.accountChanged(ANNE.uid().bytes(), 4);
    assertEquals(List.of(), driver.session.stands(state(7, 4).addDeviceIds(DEVICE).build()));
  }

  @Test
  void a_device_that_left_the_account_is_closed() {
    SessionDriver driver = SessionDriver.proven();
    List<Effect> effects = driver.session.stands(state(7, 3).build());
    assertEquals(3, frame(effects).getAccountChanged().getLastSeq());
    assertRefused(effects.subList(1, effects.size()), 0, ErrorCode.DEVICE_UNPROVEN);
    assertCloses(effects, CloseCode.DEVICE_REFUSED);
  }

  @Test
  void what_is_older_than_what_is_known_says_nothing() {
    SessionDriver driver = SessionDriver.proven();
    driver.session.accountChanged(ANNE.uid().bytes(), 4);
    assertEquals(List.of(), driver.session.stands(state(9, 3).build()));
    assertEquals(List.of(), driver.session.stands(state(9, 3).build()));
    assertEquals(List.of(), new SessionDriver().session.stands(state(9, 9).build()));
  }
}
