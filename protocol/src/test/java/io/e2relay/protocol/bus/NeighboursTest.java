// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.LinkEvents.Missed;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.NewsBatch;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Message;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class NeighboursTest {
  private static final Set<Role> ALL = EnumSet.allOf(Role.class);
  private static final Peer SELF = new Peer("here", 1, ALL);
  private static final Peer OTHER = new Peer("there", 2, ALL);
  private static final ByteString CONVERSATION = ByteString.copyFrom(new byte[32]);

  private record Sent(Peer to, NewsBatch batch) {
  }

  private final List<Sent> sent = new ArrayList<>();
  private final CountedEvents events = new CountedEvents();
  private final Neighbours neighbours = of(SELF);
  private int looks;

  private Neighbours of(Peer self) {
    return new Neighbours(self, (peer, batch) -> {
      sent.add(new Sent(peer, batch));
      return Future.succeededFuture();
    }, () -> looks++, events);
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  private static NewsBatch beatOf(Peer peer) {
    return NewsBatch.newBuilder().setNode(peer.node()).setIncarnation(peer.incarnation()).build();
  }

  private static CommittedHint hint(int bytes) {
    return CommittedHint.newBuilder().addEntries(Entry.newBuilder().setMessage(
        Message.newBuilder().setConversationId(CONVERSATION).setSeq(3).setBody(ByteString.copyFrom(new byte[bytes]))))
        .build();
  }

  @Test
  void news_go_to_every_other_node_that_has_a_relay() {
    Peer store = new Peer("store", 3, Set.of(Role.STORE));
    neighbours.list(List.of(SELF, OTHER, store), 0);
    neighbours.tell("relay.committed", hint(10));
    assertEquals(List.of(OTHER), sent.stream().map(Sent::to).toList());
    assertEquals("relay.committed", sent.getFirst().batch().getNews(0).getTo());
  }

  @Test
  void a_node_that_commits_nothing_has_no_links() {
    Neighbours relay = of(new Peer("relay", 1, Set.of(Role.RELAY)));
    relay.list(List.of(OTHER), 0);
    relay.tell("relay.committed", hint(10));
    relay.tick(seconds(1));
    assertEquals(List.of(), sent);
  }

  @Test
  void of_a_long_entry_only_its_place_travels() throws Exception {
    neighbours.list(List.of(OTHER), 0);
    neighbours.tell("relay.committed", hint(Parcel.ENTRY_BYTES_MAX - 100));
    neighbours.tell("relay.committed", hint(Parcel.ENTRY_BYTES_MAX));
    CommittedHint whole = CommittedHint.parseFrom(sent.get(0).batch().getNews(0).getBody());
    assertEquals(1, whole.getEntriesCount());
    CommittedHint place = CommittedHint.parseFrom(sent.get(1).batch().getNews(0).getBody());
    assertEquals(0, place.getEntriesCount());
    assertEquals(CONVERSATION, place.getHeads(0).getConversationId());
    assertEquals(3, place.getHeads(0).getLastSeq());
  }

  @Test
  void a_large_commit_travels_in_pieces() throws Exception {
    neighbours.list(List.of(OTHER), 0);
    CommittedHint.Builder many = CommittedHint.newBuilder();
    for (int i = 0; i < 20; i++) {
      many.mergeFrom(hint(10_000));
    }
    neighbours.tell("relay.committed", many.build());
    int entries = 0;
    for (Sent one : sent) {
      CommittedHint piece = CommittedHint.parseFrom(one.batch().getNews(0).getBody());
      assertTrue(piece.getSerializedSize() <= LinkOut.BATCH_BYTES + 100, "bytes " + piece.getSerializedSize());
      entries += piece.getEntriesCount();
    }
    assertEquals(20, entries);
  }

  @Test
  void a_node_that_is_heard_of_misses_nothing() {
    neighbours.list(List.of(OTHER), 0);
    neighbours.heard(beatOf(OTHER), seconds(1));
    assertEquals(List.of(Missed.NEW), events.missed);
    for (int second = 2; second < 60; second++) {
      neighbours.heard(beatOf(OTHER), seconds(second));
      neighbours.tick(seconds(second));
    }
    assertEquals(List.of(Missed.NEW), events.missed);
    assertEquals(List.of(OTHER), neighbours.audible());
    assertEquals(0, events.silent);
  }

  @Test
  void while_a_listed_node_is_silent_for_more_than_two_seconds_it_is_looked_again_and_again() {
    neighbours.list(List.of(OTHER), 0);
    neighbours.heard(beatOf(OTHER), 0);
    neighbours.tick(seconds(2));
    assertEquals(List.of(Missed.NEW), events.missed);
    neighbours.tick(seconds(2) + 1);
    neighbours.tick(seconds(3));
    assertEquals(List.of(Missed.NEW, Missed.SILENT, Missed.SILENT), events.missed);
    assertEquals(3, looks);
    assertEquals(List.of(), neighbours.audible());
    assertEquals(1, events.silent);
    neighbours.heard(beatOf(OTHER), seconds(4));
    neighbours.tick(seconds(4));
    assertEquals(List.of(OTHER), neighbours.audible());
    assertEquals(3, looks);
  }

  @Test
  void what_a_node_that_is_gone_may_have_left_is_looked_for_during_half_a_minute() {
    neighbours.list(List.of(OTHER), 0);
    neighbours.heard(beatOf(OTHER), 0);
    neighbours.list(List.of(), seconds(1));
    neighbours.tick(seconds(1));
    neighbours.tick(seconds(31));
    assertEquals(List.of(Missed.NEW, Missed.GONE, Missed.GONE), events.missed);
    neighbours.tick(seconds(31) + 1);
    assertEquals(3, events.missed.size());
    assertEquals(0, events.listed);
  }

  @Test
  void a_node_that_is_not_in_the_list_has_been_missed_before() {
    neighbours.heard(beatOf(OTHER), 0);
    neighbours.list(List.of(OTHER), 1);
    neighbours.heard(beatOf(new Peer("there", 3, ALL)), 2);
    assertEquals(List.of(Missed.UNLISTED, Missed.UNLISTED), events.missed);
    neighbours.heard(beatOf(OTHER), 3);
    assertEquals(List.of(Missed.UNLISTED, Missed.UNLISTED, Missed.NEW), events.missed);
  }

  @Test
  void a_node_that_started_again_gets_a_link_that_begins_anew() {
    neighbours.list(List.of(OTHER), 0);
    neighbours.tell("relay.committed", hint(10));
    neighbours.tell("relay.committed", hint(10));
    assertEquals(2, sent.getLast().batch().getNumber());
    neighbours.list(List.of(new Peer("there", 3, Set.of(Role.RELAY))), 0);
    neighbours.tell("relay.committed", hint(10));
    assertEquals(1, sent.getLast().batch().getNumber());
    assertEquals(3, sent.getLast().to().incarnation());
  }

  @Test
  void a_node_that_begins_to_stop_keeps_its_link() {
    neighbours.list(List.of(OTHER), 0);
    neighbours.tell("relay.committed", hint(10));
    neighbours.list(List.of(new Peer("there", 2, Set.of(Role.RELAY))), 0);
    neighbours.tell("relay.committed", hint(10));
    assertEquals(2, sent.getLast().batch().getNumber());
    assertFalse(sent.getLast().batch().getDirty());
  }
}
