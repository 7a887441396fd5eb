// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.Timeline.Verdict;
import io.e2relay.protocol.id.ConversationId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TimelineTest {
  private final Timeline timeline = new Timeline(new ConversationId(ByteString.copyFrom(new byte[32])), false, 0);

  @BeforeEach
  void begin() {
    timeline.advance(5);
  }

  @Test
  void the_next_entry_is_let_through_and_known_ones_are_not() {
    assertEquals(Verdict.NEXT, timeline.judge(6, 6));
    timeline.advance(6);
    assertEquals(Verdict.KNOWN, timeline.judge(6, 6));
    assertEquals(Verdict.KNOWN, timeline.judge(1, 3));
  }

  @Test
  void a_missing_entry_is_a_hole() {
    assertEquals(Verdict.HOLE, timeline.judge(7, 7));
  }

  @Test
  void a_gap_that_reaches_over_the_cursor_is_next() {
    assertEquals(Verdict.NEXT, timeline.judge(4, 9));
    timeline.advance(9);
    assertEquals(9, timeline.cursor());
  }
}
