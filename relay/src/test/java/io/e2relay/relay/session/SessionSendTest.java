// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.session;

import static io.e2relay.relay.session.SessionDriver.CONVERSATION;
import static io.e2relay.relay.session.SessionDriver.LIMITS;
import static io.e2relay.relay.session.SessionDriver.assertRefused;
import static io.e2relay.relay.session.SessionDriver.frame;
import static io.e2relay.relay.session.SessionDriver.send;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Sent;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SessionSendTest {
  private static final Placed OPEN_1 = new Placed.Open(1);
  private static final Placed OPEN_2 = new Placed.Open(2);

  private final SessionDriver driver = SessionDriver.ready();

  @Test
  void a_message_is_placed_then_stored_then_acknowledged() {
    assertEquals(List.of(place(0, 0)), driver.receive(send(2, 0)));
    assertEquals(List.of("2 under 1"), appends(driver.session.placed(CONVERSATION, OPEN_1)));
    assertEquals(1, driver.session.pendingSends());
    assertEquals(5, frame(driver.session.appended(2, sent(5))).getSent().getSeq());
    assertEquals(0, driver.session.pendingSends());
  }

  @Test
  void messages_that_wait_for_one_placement_leave_in_order() {
    driver.receive(send(2, 0));
    assertEquals(List.of(), driver.receive(send(3, 0)));
    assertEquals(List.of("2 under 1", "3 under 1"), appends(driver.session.placed(CONVERSATION, OPEN_1)));
  }

  @Test
  void a_moved_epoch_is_retried_once_in_the_first_order() {
    flying(2, 3);
    assertEquals(List.of(), driver.session.appended(2, stale(2)));
    // Nothing leaves while one is still under way: it would overtake.
    assertEquals(List.of(), driver.receive(send(4, 0)));
    assertEquals(List.of(place(0, 2)), driver.session.appended(3, stale(2)));
    assertEquals(List.of("2 under 2", "3 under 2", "4 under 2"), appends(driver.session.placed(CONVERSATION, OPEN_2)));
    assertRefused(driver.session.appended(2, stale(3)), 2, ErrorCode.STALE_EPOCH);
  }

  @Test
  void a_placement_that_comes_while_messages_return_is_asked_again() {
    flying(2);
    assertEquals(List.of(place(0, 0)), driver.receive(send(3, 0)));
    assertEquals(List.of(), driver.session.appended(2, stale(2)));
    assertEquals(List.of(place(0, 2)), driver.session.placed(CONVERSATION, OPEN_1));
    assertEquals(List.of("2 under 2", "3 under 2"), appends(driver.session.placed(CONVERSATION, OPEN_2)));
  }

  @Test
  void a_client_that_names_an_epoch_gets_the_refusal_with_the_current_one() {
    assertEquals(List.of(place(1, 0)), driver.receive(send(2, 1)));
    driver.session.placed(CONVERSATION, OPEN_1);
    List<Effect> effects = driver.session.appended(2, stale(4));
    assertRefused(effects, 2, ErrorCode.STALE_EPOCH);
    assertEquals(4, frame(effects).getError().getCurrentEpoch());
  }

  @Test
  void every_refusal_of_a_send_reaches_its_sender() {
    for (ErrorCode code : List.of(ErrorCode.NOT_A_MEMBER, ErrorCode.MEMBER_PENDING, ErrorCode.UNAVAILABLE)) {
      SessionDriver one = SessionDriver.ready();
      one.receive(send(2, 0));
      assertRefused(one.session.placed(CONVERSATION, new Placed.Out(code, 0)), 2, code);
    }
    for (ErrorCode code : List.of(ErrorCode.DUPLICATE_DIFFERS, ErrorCode.EPOCH_CLOSED, ErrorCode.UNAVAILABLE)) {
      SessionDriver one = SessionDriver.ready();
      one.receive(send(2, 0));
      one.session.placed(CONVERSATION, OPEN_1);
      AppendReply refusal = AppendReply.newBuilder().setRefusal(code.refusal()).build();
      assertRefused(one.session.appended(2, refusal), 2, code);
    }
  }

  @Test
  void calls_that_fail_are_unavailable_and_hold_nobody_up() {
    driver.receive(send(2, 0));
    assertRefused(driver.session.placeFailed(CONVERSATION), 2, ErrorCode.UNAVAILABLE);
    flying(3, 4);
    assertRefused(driver.session.appendFailed(3), 3, ErrorCode.UNAVAILABLE);
    assertEquals(6, frame(driver.session.appended(4, sent(6))).getSent().getSeq());
    assertEquals(0, driver.session.pendingSends());
  }

  @Test
  void conversations_do_not_wait_for_each_other() {
    driver.receive(send(2, 0));
    ByteString other = ByteString.copyFromUtf8("o".repeat(32));
    ClientFrame.Builder elsewhere = send(3, 0).toBuilder();
    elsewhere.getSendBuilder().setConversationId(other);
    assertEquals(List.of(new Effect.Place(other, 0, 0)), driver.receive(elsewhere.build()));
    assertEquals(List.of("3 under 2"), appends(driver.session.placed(other, OPEN_2)));
  }

  @Test
  void a_body_at_the_limit_is_stored_and_one_byte_more_is_refused() {
    ClientFrame.Builder large = send(2, 0).toBuilder();
    large.getSendBuilder().setBody(ByteString.copyFrom(new byte[LIMITS.bodyBytes() + 1]));
    assertRefused(driver.receive(large.build()), 2, ErrorCode.TOO_LARGE);
    large.getSendBuilder().setBody(ByteString.copyFrom(new byte[LIMITS.bodyBytes()]));
    assertEquals(List.of(place(0, 0)), driver.receive(large.build()));
  }

  private void flying(long... ids) {
    for (long id : ids) {
      driver.receive(send(id, 0));
    }
    driver.session.placed(CONVERSATION, OPEN_1);
  }

  private static Effect place(long named, long atLeast) {
    return new Effect.Place(CONVERSATION, named, atLeast);
  }

  private static List<String> appends(List<Effect> effects) {
    return effects.stream().map(e -> ((Effect.Append) e).id() + " under " + ((Effect.Append) e).question().getEpoch())
        .toList();
  }

  private static AppendReply sent(long seq) {
    return AppendReply.newBuilder().setSent(Sent.newBuilder().setSeq(seq).setEpoch(1)).build();
  }

  private static AppendReply stale(long current) {
    return AppendReply.newBuilder().setRefusal(ErrorCode.STALE_EPOCH.refusal().toBuilder().setCurrentEpoch(current))
        .build();
  }
}
