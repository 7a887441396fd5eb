// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.News;
import io.e2relay.protocol.bus.wire.NewsBatch;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class LinkOutTest {
  private static final Peer SELF = new Peer("here", 7, Set.of(Role.STORE));

  private record Sent(NewsBatch batch, Promise<Void> promise) {
  }

  private final List<Sent> sent = new ArrayList<>();
  private final CountedEvents events = new CountedEvents();
  private final LinkOut link = new LinkOut(SELF, batch -> {
    Promise<Void> promise = Promise.promise();
    sent.add(new Sent(batch, promise));
    return promise.future();
  }, events);

  private static News news(int bytes) {
    return News.newBuilder().setTo("relay.committed").setBody(ByteString.copyFrom(new byte[bytes])).build();
  }

  private NewsBatch last() {
    return sent.getLast().batch();
  }

  @Test
  void the_first_news_leave_at_once_and_those_behind_them_together() {
    assertFalse(link.add(news(10)));
    assertTrue(link.add(news(10)));
    assertTrue(link.add(news(10)));
    assertEquals(1, sent.size());
    link.flush();
    assertEquals(2, sent.size());
    assertEquals(List.of(1L, 2L), sent.stream().map(one -> one.batch().getNumber()).toList());
    assertEquals(2, last().getNewsCount());
    assertEquals("here", last().getNode());
    assertEquals(7, last().getIncarnation());
  }

  @Test
  void a_batch_that_is_full_does_not_wait() {
    link.add(news(10));
    assertTrue(link.add(news(LinkOut.BATCH_BYTES / 2)));
    assertEquals(1, sent.size());
    assertFalse(link.add(news(LinkOut.BATCH_BYTES / 2)));
    assertEquals(2, sent.size());
  }

  @Test
  void a_heartbeat_has_the_number_of_the_last_batch() {
    link.beat();
    assertEquals(0, last().getNumber());
    link.add(news(10));
    link.beat();
    assertEquals(1, last().getNumber());
    assertEquals(0, last().getNewsCount());
    assertFalse(last().getDirty());
  }

  @Test
  void what_is_on_its_way_is_bounded_and_the_next_batch_says_that_something_is_missing() {
    News large = news(1024 * 1024);
    int taken = 0;
    while (events.dirty == 0) {
      link.add(large);
      taken++;
    }
    assertEquals(8, taken, "seven and their names fit into 8 MiB");
    assertEquals(7L * large.getSerializedSize(), events.outstanding);
    assertTrue(events.outstanding <= LinkOut.OUTSTANDING_BYTES_MAX);
    sent.getFirst().promise().complete();
    link.add(news(10));
    link.flush();
    assertTrue(last().getDirty());
    link.beat();
    assertFalse(last().getDirty(), "it is said once");
    sent.forEach(one -> one.promise().tryComplete());
    assertEquals(0, events.outstanding);
  }

  @Test
  void a_node_that_does_not_answer_gets_heartbeats_until_it_does() {
    link.add(news(10));
    sent.getFirst().promise().fail("no answer in time");
    assertEquals(1, events.unanswered);
    link.add(news(10));
    assertEquals(1, events.dirty);
    link.beat();
    assertEquals(2, sent.size());
    assertTrue(last().getDirty());
    sent.getLast().promise().fail("no answer in time");
    link.beat();
    assertTrue(last().getDirty(), "the other node may not have heard it");
    sent.getLast().promise().complete();
    link.add(news(10));
    assertEquals(1, last().getNewsCount());
    assertEquals(2, last().getNumber());
    assertFalse(last().getDirty());
  }

  @Test
  void a_link_that_is_closed_sends_nothing_and_forgets_nothing_that_is_on_its_way() {
    link.add(news(10));
    link.close();
    link.add(news(10));
    link.beat();
    assertEquals(1, sent.size());
    sent.getFirst().promise().complete();
    assertEquals(0, events.outstanding);
  }
}
