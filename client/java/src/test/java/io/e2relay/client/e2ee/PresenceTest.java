// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a device says that can be done, while several things happen at once.
final class PresenceTest {
  private final PlayedService service = new PlayedService();
  private final Person alice = new Person(service, 0xaa).registered().online();
  private final Person bob = new Person(service, 0xbb).registered();

  @AfterEach
  void end() {
    alice.close();
    bob.close();
  }

  @Test
  void what_is_blocked_while_a_key_is_asked_for_stays_so_when_the_key_has_come() throws Exception {
    EncryptedConversation chat = alice.conversations.direct(bob.uid());
    chat.rotate();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    bob.onTheWay = (request, answer) -> {
      if (request.hasGetWraps()) {
        asked.countDown();
        await(answered);
      }
      return answer;
    };
    bob.online();
    List<ConversationState> told = new CopyOnWriteArrayList<>();
    bob.conversations.onChange(changed -> told.add(changed.state()));
    await(asked);
    bob.onTheWay = (request, answer) -> request.hasGetEpochs() ? ofTheFirst(answer) : answer;
    Alarm older = new Alarm.RolledBack(chat.id(), new Epoch(2), new Epoch(1));
    EncryptedConversation there = bob.at(chat);
    assertEquals(older, assertThrows(BlockedException.class, () -> there.book().refresh()).alarm());
    Thread assessing = Thread.ofVirtual().start(there.presence()::assess);
    answered.countDown();
    assessing.join();
    Eventually.holds(() -> told.size() == 2);
    assertEquals(new ConversationState.Blocked(older), there.state());
    bob.onTheWay = (_, answer) -> answer;
    assertEquals(2, there.send("in the second epoch").epoch());
    assertEquals(ConversationState.READY, there.state());
  }

  private static ServerFrame ofTheFirst(ServerFrame answer) {
    ServerFrame.Builder changed = answer.toBuilder();
    changed.getEpochsBuilder().setCurrentEpoch(1);
    return changed.build();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
