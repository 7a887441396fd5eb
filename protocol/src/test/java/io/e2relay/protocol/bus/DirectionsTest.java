// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.Head;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Message;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Whom news reach, and when, as the directory answers, is silent, or fails.
final class DirectionsTest {
  private static final Set<Role> ALL = EnumSet.allOf(Role.class);
  private static final Peer SELF = new Peer("here", 1, ALL);
  private static final Peer ONE = new Peer("one", 2, ALL);
  private static final Peer TWO = new Peer("two", 3, ALL);
  private static final ByteString CHAT = ByteString.copyFromUtf8("chat");
  private static final ByteString ROOM = ByteString.copyFromUtf8("room");
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private record Question(Set<ByteString> conversations, Promise<Map<ByteString, Set<String>>> answer) {
  }

  private final CountedEvents events = new CountedEvents();
  private final Neighbours neighbours = new Neighbours(SELF, (_, _) -> Future.succeededFuture(), () -> {
  }, events);
  private final List<Question> asked = new ArrayList<>();
  private final Map<Peer, List<Long>> told = new HashMap<>(Map.of(ONE, new ArrayList<>(), TWO, new ArrayList<>()));
  private final Directions directions = new Directions(conversations -> {
    Question question = new Question(conversations, Promise.promise());
    asked.add(question);
    return question.answer().future();
  }, neighbours, (hint, whom) -> told.forEach((peer, seqs) -> {
    if (whom.test(peer)) {
      hint.getEntriesList().forEach(entry -> seqs.add(entry.getMessage().getSeq()));
      hint.getHeadsList().forEach(head -> seqs.add(head.getLastSeq()));
    }
  }), events);

  DirectionsTest() {
    neighbours.list(List.of(ONE, TWO), 0);
  }

  private static Entry entry(ByteString conversation, long seq) {
    return Entry.newBuilder().setMessage(Message.newBuilder().setConversationId(conversation).setSeq(seq)).build();
  }

  private static CommittedHint hint(ByteString conversation, long seq) {
    return CommittedHint.newBuilder().addEntries(entry(conversation, seq)).build();
  }

  private void answer(int question, Map<ByteString, Set<String>> answer) {
    asked.get(question).answer().complete(answer);
  }

  @Test
  void news_go_to_those_who_listen_and_to_nobody_else() {
    directions.tell(CommittedHint.newBuilder().addEntries(entry(CHAT, 1)).addEntries(entry(ROOM, 2))
        .addHeads(Head.newBuilder().setConversationId(ROOM).setLastSeq(3)).build(), 0);
    assertEquals(Set.of(CHAT, ROOM), asked.getFirst().conversations());
    answer(0, Map.of(CHAT, Set.of(ONE.id()), ROOM, Set.of(TWO.id())));
    assertEquals(Map.of(ONE, List.of(1L), TWO, List.of(2L, 3L)), told);
  }

  @Test
  void an_answer_is_used_for_a_second_and_then_asked_for_again() {
    directions.tell(hint(CHAT, 1), 0);
    answer(0, Map.of(CHAT, Set.of(ONE.id())));
    directions.tell(hint(CHAT, 2), SECOND - 1);
    assertEquals(1, asked.size());
    directions.tell(hint(CHAT, 3), SECOND);
    assertEquals(2, asked.size());
    answer(1, Map.of(CHAT, Set.of(TWO.id())));
    assertEquals(Map.of(ONE, List.of(1L, 2L), TWO, List.of(3L)), told);
  }

  @Test
  void who_comes_while_the_directory_answers_waits_in_order() {
    directions.tell(hint(CHAT, 1), 0);
    directions.tell(hint(ROOM, 2), 0);
    directions.tell(hint(CHAT, 3), 0);
    assertEquals(Map.of(ONE, List.of(), TWO, List.of()), told);
    answer(0, Map.of(CHAT, Set.of(ONE.id())));
    // What was not asked about yet holds up what comes after it.
    assertEquals(List.of(1L), told.get(ONE));
    answer(1, Map.of(ROOM, Set.of(ONE.id())));
    assertEquals(Map.of(ONE, List.of(1L, 2L, 3L), TWO, List.of()), told);
  }

  @Test
  void everybody_is_told_when_the_directory_fails_and_nothing_waits_while_it_is_ill() {
    directions.tell(hint(CHAT, 1), 0);
    asked.getFirst().answer().fail("ill");
    assertEquals(Map.of(ONE, List.of(1L), TWO, List.of(1L)), told);
    assertEquals(1, events.lost);
    directions.tell(hint(CHAT, 2), SECOND - 1);
    assertEquals(1, asked.size(), "it is left alone for a second");
    directions.tell(hint(CHAT, 3), SECOND);
    assertEquals(2, asked.size(), "then it is tried");
    assertEquals(Map.of(ONE, List.of(1L, 2L, 3L), TWO, List.of(1L, 2L, 3L)), told, "and nothing waits for that");
    answer(1, Map.of(CHAT, Set.of(TWO.id())));
    directions.tell(hint(CHAT, 4), SECOND + 1);
    assertEquals(List.of(1L, 2L, 3L, 4L), told.get(TWO));
    assertEquals(List.of(1L, 2L, 3L), told.get(ONE));
  }

  @Test
  void who_was_not_listed_when_it_was_asked_is_told() {
    directions.tell(hint(CHAT, 1), 0);
    answer(0, Map.of(CHAT, Set.of()));
    Peer again = new Peer("one", 9, ALL);
    told.put(again, new ArrayList<>());
    directions.tell(hint(CHAT, 2), 1);
    assertEquals(Map.of(ONE, List.of(), TWO, List.of(), again, List.of(2L)), told);
  }

  @Test
  void what_the_answer_leaves_out_goes_to_everybody() {
    directions.tell(hint(CHAT, 1), 0);
    answer(0, Map.of());
    assertEquals(Map.of(ONE, List.of(1L), TWO, List.of(1L)), told);
  }

  @Test
  void no_more_than_so_much_waits() {
    for (int i = 0; i < Directions.WAITING_MAX; i++) {
      directions.tell(hint(CHAT, i), 0);
    }
    assertEquals(Directions.WAITING_MAX, directions.waiting());
    assertEquals(List.of(), told.get(ONE));
    directions.tell(hint(CHAT, Directions.WAITING_MAX), 0);
    assertEquals(0, directions.waiting());
    assertEquals(Directions.WAITING_MAX + 1, Objects.requireNonNull(told.get(ONE)).size());
  }
}
