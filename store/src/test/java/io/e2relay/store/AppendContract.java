// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.Samples.append;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.GapReason;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every log keeps to when something is stored.
interface AppendContract extends LogSubject {
  // The fence.

  @Test
  default void a_conversation_begins_once_with_a_control_entry_as_its_first() {
    ConversationId conversation = opened();
    assertEquals(OptionalLong.empty(), fence(conversation, 1, true));
    assertEquals(new HeadState(conversation, Epoch.FIRST, true, 1), head(conversation));
    Entry first = page(conversation, ALL).getEntries(0);
    Control control = first.getControl();
    assertEquals(conversation.bytes(), control.getConversationId());
    assertEquals(1, control.getSeq());
    assertEquals(1, control.getEpoch());
    assertTrue(control.getReceivedMs() > 0);
    assertEquals(Samples.ALICE.bytes(), control.getChanges(0).getUid());
  }

  @Test
  default void a_conversation_begins_with_epoch_1_only() {
    ConversationId conversation = Samples.conversation();
    assertEquals(OptionalLong.empty(), fence(conversation, 0, true));
    assertEquals(OptionalLong.empty(), fence(conversation, 2, true));
    assertEquals(List.of(), LogSubject.await(log().heads(List.of(conversation))));
    assertEquals(OptionalLong.of(1), fence(conversation, 1, false));
  }

  @Test
  default void the_fence_moves_one_epoch_forward_and_never_back() {
    ConversationId conversation = opened();
    assertEquals(OptionalLong.of(2), fence(conversation, 2, true));
    assertEquals(OptionalLong.empty(), fence(conversation, 1, true));
    assertEquals(OptionalLong.empty(), fence(conversation, 1, false));
    assertEquals(OptionalLong.empty(), fence(conversation, 2, true));
    assertEquals(OptionalLong.empty(), fence(conversation, 4, true));
    assertEquals(new HeadState(conversation, new Epoch(2), true, 2), head(conversation));
    assertEquals(OptionalLong.of(3), fence(conversation, 3, false));
    assertEquals(new HeadState(conversation, new Epoch(3), false, 3), head(conversation));
  }

  @Test
  default void the_current_epoch_closes_and_opens_again_with_an_entry_each() {
    ConversationId conversation = opened();
    assertEquals(OptionalLong.of(2), fence(conversation, 1, false));
    assertEquals(OptionalLong.empty(), fence(conversation, 1, false));
    assertEquals(OptionalLong.of(3), fence(conversation, 1, true));
    assertEquals(new HeadState(conversation, Epoch.FIRST, true, 3), head(conversation));
  }

  @Test
  default void a_note_has_a_place_of_its_own_and_leaves_the_fence_where_it_is() {
    ConversationId conversation = opened();
    assertEquals(OptionalLong.of(2), note(conversation));
    assertEquals(new HeadState(conversation, Epoch.FIRST, true, 2), head(conversation));
    assertEquals(3, stored(append(conversation, 1, "hello")).seq());
    assertEquals(OptionalLong.of(4), fence(conversation, 1, false));
    assertEquals(OptionalLong.of(5), note(conversation));
    assertEquals(new HeadState(conversation, Epoch.FIRST, false, 5), head(conversation));
    assertEquals(OptionalLong.of(6), fence(conversation, 2, true));
    assertEquals(OptionalLong.of(7), note(conversation));
    Control control = page(conversation, ALL).getEntries(6).getControl();
    assertEquals(7, control.getSeq());
    assertEquals(2, control.getEpoch());
    assertEquals(OptionalLong.empty(), note(Samples.conversation()));
  }

  // Appending.

  @Test
  default void appends_are_numbered_without_gaps_after_the_control_entry() {
    ConversationId conversation = opened();
    for (int i = 2; i <= 6; i++) {
      assertEquals(i, stored(append(conversation, 1, "m" + i)).seq());
    }
    assertEquals(OptionalLong.of(7), fence(conversation, 2, true));
    Place place = stored(append(conversation, 2, "m8"));
    assertEquals(8, place.seq());
    assertEquals(new Epoch(2), place.epoch());
    assertEquals(8, head(conversation).lastSeq());
  }

  @Test
  default void a_batch_numbers_each_conversation_in_the_order_of_arrival() {
    ConversationId one = opened();
    ConversationId other = opened();
    List<Append> items = IntStream.range(0, 40).mapToObj(i -> append(i % 3 == 0 ? one : other, 1, "m" + i)).toList();
    List<Outcome> outcomes = LogSubject.await(log().append(new Batch(items)));
    long nextOfOne = 2;
    long nextOfOther = 2;
    for (int i = 0; i < items.size(); i++) {
      Place place = assertInstanceOf(Outcome.Stored.class, outcomes.get(i)).place();
      assertEquals(i % 3 == 0 ? nextOfOne++ : nextOfOther++, place.seq());
    }
    assertEquals(nextOfOne - 1, head(one).lastSeq());
    assertEquals(nextOfOther - 1, head(other).lastSeq());
  }

  @Test
  default void a_message_sent_again_gets_its_first_place() {
    ConversationId conversation = opened();
    Append message = append(conversation, 1, "hello");
    Place place = stored(message);
    stored(append(conversation, 1, "another"));
    assertEquals(new Outcome.Duplicate(place), one(message));
    assertEquals(3, head(conversation).lastSeq());
  }

  @Test
  default void the_same_id_with_other_bytes_is_told_apart() {
    ConversationId conversation = opened();
    MsgId id = Samples.msgId();
    Place place = stored(append(conversation, 1, id, "hello"));
    assertEquals(new Outcome.Differs(), one(append(conversation, 1, id, "hellO")));
    assertEquals(new Outcome.Duplicate(place), one(append(conversation, 1, id, "hello")));
  }

  @Test
  default void the_same_id_from_another_user_is_another_message() {
    ConversationId conversation = opened();
    Append message = append(conversation, 1, "hello");
    stored(message);
    assertEquals(new Outcome.Differs(), one(new Append(message.key(), Epoch.FIRST, Samples.BOB, message.body())));
  }

  @Test
  default void the_same_id_from_another_device_or_in_another_conversation_is_another_message() {
    ConversationId conversation = opened();
    Append message = append(conversation, 1, "hello");
    stored(message);
    MessageKey laptop = new MessageKey(conversation, Samples.LAPTOP, message.key().message());
    assertEquals(3, stored(new Append(laptop, Epoch.FIRST, Samples.ALICE, message.body())).seq());
    assertEquals(2, stored(append(opened(), 1, message.key().message(), "hello")).seq());
  }

  @Test
  default void a_retry_after_the_epoch_turned_or_closed_gets_its_first_answer() {
    ConversationId conversation = opened();
    Append message = append(conversation, 1, "hello");
    Place place = stored(message);
    fence(conversation, 1, false);
    assertEquals(new Outcome.Duplicate(place), one(message));
    fence(conversation, 2, true);
    assertEquals(new Outcome.Duplicate(place), one(message));
    Append underTheNewEpoch = append(conversation, 2, message.key().message(), "hello");
    assertEquals(new Outcome.Duplicate(place), one(underTheNewEpoch));
    assertEquals(new Outcome.Differs(), one(append(conversation, 1, message.key().message(), "other")));
  }

  @Test
  default void a_retry_after_erasure_resurrects_nothing() {
    ConversationId conversation = opened();
    Append message = append(conversation, 1, "hello");
    Place place = stored(message);
    LogSubject.await(door().erase(conversation, place.seq()));
    assertEquals(new Outcome.Duplicate(place), one(message));
    assertEquals(new Outcome.Differs(), one(append(conversation, 1, message.key().message(), "other")));
    assertEquals(LogSubject.gap(conversation, 2, 2, GapReason.GAP_REASON_REMOVED),
        page(conversation, ALL).getEntries(1));
  }

  @Test
  default void another_epoch_than_the_current_one_is_refused_with_the_current_one() {
    ConversationId conversation = opened();
    fence(conversation, 2, true);
    assertEquals(new Outcome.Stale(new Epoch(2)), one(append(conversation, 1, "late")));
    assertEquals(new Outcome.Stale(new Epoch(2)), one(append(conversation, 3, "early")));
    assertEquals(3, stored(append(conversation, 2, "now")).seq());
  }

  @Test
  default void a_closed_epoch_is_refused_until_it_opens_again() {
    ConversationId conversation = opened();
    fence(conversation, 2, false);
    Append message = append(conversation, 2, "hello");
    assertEquals(new Outcome.Closed(new Epoch(2)), one(message));
    fence(conversation, 2, true);
    assertEquals(4, stored(message).seq());
  }

  @Test
  default void an_unknown_conversation_is_refused_and_nothing_begins() {
    ConversationId conversation = Samples.conversation();
    assertEquals(new Outcome.Unknown(), one(append(conversation, 1, "hello")));
    assertEquals(List.of(), LogSubject.await(log().heads(List.of(conversation))));
  }

  @Test
  default void one_refused_item_refuses_no_other_of_its_batch() {
    ConversationId conversation = opened();
    Append earlier = append(conversation, 1, "earlier");
    Place place = stored(earlier);
    List<Outcome> outcomes = LogSubject
        .await(log().append(new Batch(List.of(append(conversation, 2, "early"), append(conversation, 1, "fine"),
            append(Samples.conversation(), 1, "nowhere"), earlier, append(conversation, 1, "fine too")))));
    assertEquals(new Outcome.Stale(Epoch.FIRST), outcomes.get(0));
    assertEquals(3, assertInstanceOf(Outcome.Stored.class, outcomes.get(1)).place().seq());
    assertEquals(new Outcome.Unknown(), outcomes.get(2));
    assertEquals(new Outcome.Duplicate(place), outcomes.get(3));
    assertEquals(4, assertInstanceOf(Outcome.Stored.class, outcomes.get(4)).place().seq());
  }

  @Test
  default void a_batch_has_each_message_once() {
    Append message = append(Samples.conversation(), 1, "hello");
    assertThrows(IllegalArgumentException.class, () -> new Batch(List.of(message, message)));
    assertThrows(IllegalArgumentException.class, () -> new Batch(List.of()));
  }
}
