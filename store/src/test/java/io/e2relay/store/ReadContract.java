// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.Samples.append;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.GapReason;
import io.e2relay.protocol.wire.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What every log keeps to when it is read.
interface ReadContract extends LogSubject {
  @Test
  default void a_page_holds_what_was_stored_byte_for_byte() {
    ConversationId conversation = opened();
    Append small = append(conversation, 1, "hello");
    Append empty = append(conversation, 1, "");
    Append large = append(conversation, 1, Samples.msgId(), Samples.filled(200_000, 0xff));
    Entry first = LogSubject.message(small, stored(small));
    Entry second = LogSubject.message(empty, stored(empty));
    Entry third = LogSubject.message(large, stored(large));
    Page page = page(conversation, ALL);
    assertEquals(List.of(first, second, third), page.getEntriesList().subList(1, 4));
    assertEquals(conversation.bytes(), page.getConversationId());
    assertEquals(4, page.getThroughSeq());
    assertEquals(4, page.getLastSeq());
  }

  @Test
  default void a_page_is_cut_after_its_limit_of_entries_and_goes_on_there() {
    ConversationId conversation = opened();
    for (int i = 0; i < 4; i++) {
      stored(append(conversation, 1, "m" + i));
    }
    Window.Bound bound = new Window.Bound(3, 262_144);
    Page first = page(conversation, 0, Long.MAX_VALUE, ALL, bound);
    assertEquals(3, first.getEntriesCount());
    assertEquals(3, first.getThroughSeq());
    assertEquals(5, first.getLastSeq());
    Page second = page(conversation, 3, Long.MAX_VALUE, ALL, bound);
    assertEquals(List.of(4L, 5L), second.getEntriesList().stream().map(e -> e.getMessage().getSeq()).toList());
    assertEquals(5, second.getThroughSeq());
    Page exactly = page(conversation, 2, Long.MAX_VALUE, ALL, bound);
    assertEquals(3, exactly.getEntriesCount());
    assertEquals(5, exactly.getThroughSeq());
  }

  @Test
  default void a_page_is_cut_before_it_has_too_many_bytes_but_never_empty() {
    ConversationId conversation = opened();
    for (int i = 0; i < 3; i++) {
      stored(append(conversation, 1, Samples.msgId(), Samples.filled(1_000, i)));
    }
    assertEquals(3, page(conversation, 1, Long.MAX_VALUE, ALL, new Window.Bound(100, 2_000)).getThroughSeq());
    assertEquals(2, page(conversation, 1, Long.MAX_VALUE, ALL, new Window.Bound(100, 1_999)).getThroughSeq());
    Page tiny = page(conversation, 1, Long.MAX_VALUE, ALL, new Window.Bound(100, 1));
    assertEquals(1, tiny.getEntriesCount());
    assertEquals(2, tiny.getThroughSeq());
    assertEquals(4, tiny.getLastSeq());
    assertEquals(4, page(conversation, 3, Long.MAX_VALUE, ALL, new Window.Bound(100, 1)).getThroughSeq());
  }

  @Test
  default void a_page_ends_with_the_seq_that_was_asked_for() {
    ConversationId conversation = opened();
    for (int i = 0; i < 4; i++) {
      stored(append(conversation, 1, "m" + i));
    }
    Page page = page(conversation, 1, 3, ALL, PAGE);
    assertEquals(List.of(2L, 3L), page.getEntriesList().stream().map(e -> e.getMessage().getSeq()).toList());
    assertEquals(3, page.getThroughSeq());
    assertEquals(5, page.getLastSeq());
    assertEquals(5, page(conversation, 1, 99, ALL, PAGE).getThroughSeq());
  }

  @Test
  default void a_page_beyond_the_end_is_empty_and_tells_where_the_log_ends() {
    ConversationId conversation = opened();
    for (long after : List.of(1L, 7L)) {
      Page page = page(conversation, after, Long.MAX_VALUE, ALL, PAGE);
      assertEquals(0, page.getEntriesCount());
      assertEquals(after, page.getThroughSeq());
      assertEquals(1, page.getLastSeq());
    }
  }

  @Test
  default void epochs_of_others_are_gaps_with_their_control_entries() {
    ConversationId conversation = opened();
    List<Entry> messages = new ArrayList<>();
    for (int epoch = 1; epoch <= 4; epoch++) {
      if (epoch > 1) {
        fence(conversation, epoch, true);
      }
      for (int i = 0; i < 2; i++) {
        Append append = append(conversation, epoch, "m");
        messages.add(LogSubject.message(append, stored(append)));
      }
    }
    // Seqs: epoch 1 is 1 to 3, 2 is 4 to 6, 3 is 7 to 9, 4 is 10 to 12.
    Page page = page(conversation, List.of(new EpochSpan(2, 2), new EpochSpan(4, Long.MAX_VALUE)));
    assertEquals(LogSubject.gap(conversation, 1, 3, GapReason.GAP_REASON_NOT_YOURS), page.getEntries(0));
    assertEquals(4, page.getEntries(1).getControl().getSeq());
    assertEquals(2, page.getEntries(1).getControl().getEpoch());
    assertEquals(messages.subList(2, 4), page.getEntriesList().subList(2, 4));
    assertEquals(LogSubject.gap(conversation, 7, 9, GapReason.GAP_REASON_NOT_YOURS), page.getEntries(4));
    assertEquals(messages.subList(6, 8), page.getEntriesList().subList(6, 8));
    assertEquals(8, page.getEntriesCount());
    assertEquals(12, page.getThroughSeq());
    Page last = page(conversation, 8, Long.MAX_VALUE, List.of(new EpochSpan(2, 2)), PAGE);
    assertEquals(List.of(LogSubject.gap(conversation, 9, 12, GapReason.GAP_REASON_NOT_YOURS)), last.getEntriesList());
  }

  @Test
  default void who_may_read_nothing_gets_one_gap_and_no_body() {
    ConversationId conversation = opened();
    stored(append(conversation, 1, "secret"));
    for (List<EpochSpan> nothing : List.of(List.<EpochSpan>of(), List.of(new EpochSpan(2, 9)))) {
      Page page = page(conversation, nothing);
      assertEquals(List.of(LogSubject.gap(conversation, 1, 2, GapReason.GAP_REASON_NOT_YOURS)), page.getEntriesList());
      assertEquals(2, page.getThroughSeq());
    }
  }

  @Test
  default void overlapping_epochs_give_every_entry_once() {
    ConversationId conversation = opened();
    stored(append(conversation, 1, "m"));
    Page page = page(conversation, List.of(new EpochSpan(1, 3), new EpochSpan(1, 1), new EpochSpan(5, 4)));
    assertEquals(2, page.getEntriesCount());
  }

  @Test
  default void removed_entries_in_a_row_are_one_gap() {
    ConversationId conversation = opened();
    for (int i = 0; i < 4; i++) {
      stored(append(conversation, 1, "m" + i));
    }
    for (long seq = 2; seq <= 4; seq++) {
      LogSubject.await(door().erase(conversation, seq));
    }
    Page page = page(conversation, ALL);
    assertEquals(LogSubject.gap(conversation, 2, 4, GapReason.GAP_REASON_REMOVED), page.getEntries(1));
    assertEquals(5, page.getEntries(2).getMessage().getSeq());
    assertEquals(3, page.getEntriesCount());
  }

  @Test
  default void a_conversation_that_does_not_exist_has_no_log() {
    Window window = new Window(Samples.conversation(), 0, Long.MAX_VALUE, ALL, PAGE);
    assertEquals(new Log.NoLog(), LogSubject.await(log().read(window)));
  }

  @Test
  default void heads_are_those_of_the_conversations_that_exist() {
    ConversationId one = opened();
    ConversationId other = opened();
    fence(other, 2, false);
    List<HeadState> heads = LogSubject.await(log().heads(List.of(one, Samples.conversation(), other)));
    assertEquals(Set.of(new HeadState(one, Epoch.FIRST, true, 1), new HeadState(other, new Epoch(2), false, 2)),
        Set.copyOf(heads));
    assertEquals(List.of(), LogSubject.await(log().heads(List.of())));
  }
}
