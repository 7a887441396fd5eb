// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.e2relay.protocol.bus.LinkEvents.Missed;
import io.e2relay.protocol.bus.wire.News;
import io.e2relay.protocol.bus.wire.NewsBatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LinkInTest {
  private final LinkIn link = new LinkIn(0);

  private static NewsBatch.Builder batch(long number) {
    return NewsBatch.newBuilder().setNode("there").setIncarnation(7).setNumber(number)
        .addNews(News.getDefaultInstance());
  }

  private static NewsBatch.Builder beat(long number) {
    return batch(number).clearNews();
  }

  private @Nullable Missed heard(NewsBatch.Builder batch) {
    return link.heard(batch.build(), 1);
  }

  @BeforeEach
  void the_first_time_anything_may_have_been_before() {
    assertEquals(Missed.NEW, heard(batch(5)));
  }

  @Test
  void batches_in_order_and_heartbeats_between_them_miss_nothing() {
    assertNull(heard(batch(6)));
    assertNull(heard(beat(6)));
    assertNull(heard(beat(6)));
    assertNull(heard(batch(7)));
  }

  @Test
  void a_batch_that_was_lost_is_seen_by_the_next_one() {
    assertNull(heard(batch(6)));
    assertEquals(Missed.GAP, heard(batch(8)));
    assertNull(heard(batch(9)));
  }

  @Test
  void the_last_batch_that_was_lost_is_seen_by_the_heartbeat() {
    assertNull(heard(batch(6)));
    assertEquals(Missed.GAP, heard(beat(7)));
    assertNull(heard(beat(7)));
    assertNull(heard(batch(8)));
  }

  @Test
  void a_batch_that_comes_late_is_not_taken_for_the_newest() {
    assertEquals(Missed.GAP, heard(batch(8)));
    assertEquals(Missed.GAP, heard(batch(7)));
    assertNull(heard(batch(9)));
  }

  @Test
  void a_sender_that_left_something_out_says_so() {
    assertEquals(Missed.DIRTY, heard(batch(6).setDirty(true)));
    assertNull(heard(batch(7)));
  }

  @Test
  void a_sender_that_started_again_is_a_new_one() {
    assertEquals(Missed.NEW, heard(batch(6).setIncarnation(8)));
    assertNull(heard(batch(7).setIncarnation(8)));
  }

  @Test
  void silence_is_counted_from_what_was_heard_last() {
    link.heard(beat(5).build(), 100);
    assertEquals(900, link.silentNanos(1_000));
  }
}
