// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.MsgId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Each kind of damage is planted once and must be the only thing that is found.
final class DeliveryLogTest {
  private static final ConversationId HERE = conversation(1);
  private static final ConversationId ELSEWHERE = conversation(2);

  private final DeliveryLog log = new DeliveryLog();

  @BeforeEach
  void two_receivers_see_three_messages() {
    log.expects("bob", HERE);
    log.expects("carol", HERE);
    for (int i = 1; i <= 3; i++) {
      log.attempted(message(i), HERE);
      log.acknowledged(message(i), i);
      log.received("bob", HERE, i, message(i));
    }
    log.received("carol", HERE, 1, message(1));
    log.received("carol", HERE, 2, message(2));
  }

  @Test
  void a_whole_run_is_clean() {
    log.received("carol", HERE, 3, message(3));
    assertTrue(log.verdict().clean());
    assertEquals(new DeliveryVerdict(3, 3, 6, 0, 0, 0, 0), log.verdict());
  }

  @Test
  void an_acknowledged_message_that_one_receiver_did_not_see_is_lost() {
    assertEquals(new DeliveryVerdict(3, 3, 5, 1, 0, 0, 0), log.verdict());
  }

  @Test
  void a_message_seen_twice_is_duplicated_and_out_of_order() {
    log.received("carol", HERE, 3, message(3));
    log.received("carol", HERE, 3, message(3));
    assertEquals(new DeliveryVerdict(3, 3, 7, 0, 1, 1, 0), log.verdict());
  }

  @Test
  void a_message_seen_after_a_later_one_is_out_of_order() {
    log.attempted(message(4), HERE);
    log.acknowledged(message(4), 4);
    log.received("bob", HERE, 4, message(4));
    log.received("carol", HERE, 4, message(4));
    log.received("carol", HERE, 3, message(3));
    assertEquals(new DeliveryVerdict(4, 4, 8, 0, 0, 1, 0), log.verdict());
  }

  @Test
  void what_nobody_sent_is_unexpected() {
    log.received("carol", HERE, 3, message(3));
    log.received("carol", HERE, 4, message(9));
    assertEquals(new DeliveryVerdict(3, 3, 7, 0, 0, 0, 1), log.verdict());
  }

  @Test
  void a_message_at_another_place_than_acknowledged_is_unexpected() {
    log.received("carol", HERE, 7, message(3));
    assertEquals(new DeliveryVerdict(3, 3, 6, 0, 0, 0, 1), log.verdict());
  }

  @Test
  void a_message_of_another_conversation_is_unexpected() {
    log.received("carol", HERE, 3, message(3));
    log.attempted(message(4), ELSEWHERE);
    log.received("carol", HERE, 4, message(4));
    assertEquals(new DeliveryVerdict(4, 3, 7, 0, 0, 0, 1), log.verdict());
  }

  @Test
  void a_message_that_was_tried_and_never_acknowledged_may_be_seen_or_not() {
    log.received("carol", HERE, 3, message(3));
    log.attempted(message(4), HERE);
    assertTrue(log.verdict().clean());
    log.received("bob", HERE, 4, message(4));
    assertTrue(log.verdict().clean());
  }

  private static ConversationId conversation(int number) {
    byte[] bytes = new byte[ConversationId.BYTES];
    bytes[0] = (byte) number;
    return new ConversationId(ByteString.copyFrom(bytes));
  }

  private static MsgId message(int number) {
    byte[] bytes = new byte[MsgId.BYTES];
    bytes[0] = (byte) number;
    return new MsgId(ByteString.copyFrom(bytes));
  }
}
