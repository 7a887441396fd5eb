// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.HistoryPolicy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeviceChainTest {
  private final TestGroup group = new TestGroup(HistoryPolicy.FULL);
  private final MessageMaker maker = group.messages(group.alice);
  private final List<Envelope> sent = sent(6);
  private final DeviceChain chain = new DeviceChain();

  @Test
  void messages_in_order_are_taken_and_nothing_is_missing() {
    for (Envelope message : sent) {
      assertEquals(0, value(chain.receive(message)));
    }
    assertEquals(6, chain.seq());
  }

  @Test
  void a_message_that_comes_again_is_a_replay() {
    receive(1, 2);
    assertUnreadable(Fault.REPLAYED, chain.receive(message(1)));
    assertUnreadable(Fault.REPLAYED, chain.receive(message(2)));
    assertEquals(0, value(chain.receive(message(3))));
  }

  @Test
  void a_known_name_on_another_message_is_a_replay() {
    receive(1);
    Envelope renamed = content(ChainPlace.after(message(1)), message(1).header().msgId());
    assertUnreadable(Fault.REPLAYED, chain.receive(renamed));
    assertEquals(0, value(chain.receive(content(ChainPlace.after(message(1)), MessageMaker.newId()))));
  }

  @Test
  void another_message_of_the_same_number_is_from_a_copied_device() {
    receive(1, 2);
    Envelope other = content(ChainPlace.after(message(1)), MessageMaker.newId());
    assertUnreadable(Fault.CLONED_DEVICE, chain.receive(other));
    assertEquals(0, value(chain.receive(message(3))), "what came before is still the chain");
  }

  @Test
  void the_next_number_behind_another_message_breaks_the_chain() {
    receive(1, 2);
    Envelope other = content(ChainPlace.after(message(1)), MessageMaker.newId());
    Envelope behindOther = content(ChainPlace.after(other), MessageMaker.newId());
    assertUnreadable(Fault.BROKEN_CHAIN, chain.receive(behindOther));
    assertEquals(0, value(chain.receive(message(3))));
  }

  @Test
  void what_is_missing_is_counted_and_may_come_late() {
    receive(1);
    assertEquals(2, value(chain.receive(message(4))));
    assertUnreadable(Fault.OUT_OF_ORDER, chain.receive(message(3)));
    assertUnreadable(Fault.REPLAYED, chain.receive(message(3)));
    assertEquals(0, value(chain.receive(message(5))));
  }

  @Test
  void behind_a_gap_that_the_service_told_of_nothing_is_missing() {
    receive(1);
    chain.rebase();
    assertEquals(0, value(chain.receive(message(5))));
    assertEquals(0, value(chain.receive(message(6))));
    DeviceChain untold = new DeviceChain();
    assertEquals(4, value(untold.receive(message(5))));
  }

  @Test
  void behind_the_newest_of_before_only_what_is_newer_is_taken() {
    DeviceChain again = DeviceChain.behind(3, message(3).hash());
    assertUnreadable(Fault.REPLAYED, again.receive(message(3)));
    assertUnreadable(Fault.REPLAYED, again.receive(message(2)));
    assertUnreadable(Fault.CLONED_DEVICE, again.receive(content(ChainPlace.after(message(2)), MessageMaker.newId())));
    Envelope behindOther = content(ChainPlace.after(content(ChainPlace.after(message(2)), MessageMaker.newId())),
        MessageMaker.newId());
    assertUnreadable(Fault.BROKEN_CHAIN, again.receive(behindOther));
    assertEquals(1, value(again.receive(message(5))));
    assertUnreadable(Fault.OUT_OF_ORDER, again.receive(message(4)));
    assertEquals(0, value(again.receive(message(6))));
  }

  @Test
  void tombstones_are_counted_and_receipts_are_not() {
    receive(1);
    Envelope tombstone = maker.tombstone(ChainPlace.after(message(1)), MessageMaker.newId(),
        message(1).header().msgId());
    assertEquals(0, value(chain.receive(tombstone)));
    assertEquals(0, value(chain.receive(content(ChainPlace.after(tombstone), MessageMaker.newId()))));
    assertThrows(IllegalArgumentException.class, () -> chain.receive(maker.receipt(MessageMaker.newId(), 3)));
  }

  private void receive(int... numbers) {
    for (int number : numbers) {
      value(chain.receive(message(number)));
    }
  }

  private Envelope message(int number) {
    return sent.get(number - 1);
  }

  private List<Envelope> sent(int count) {
    List<Envelope> all = new ArrayList<>();
    ChainPlace place = ChainPlace.FIRST;
    for (int i = 0; i < count; i++) {
      all.add(content(place, MessageMaker.newId()));
      place = ChainPlace.after(all.getLast());
    }
    return all;
  }

  private Envelope content(ChainPlace place, MsgId id) {
    return maker.content(place, id, 0, times(1, 10));
  }
}
