// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.wire.AccountChanged;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.ConversationChanged;
import io.e2relay.protocol.wire.MemberReady;
import io.e2relay.protocol.wire.MemberRemoved;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that delays, repeats, reorders and withholds, also while keys and members change.
final class OrderAttackIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void a_member_who_hears_late_of_a_new_epoch_still_writes_in_it() throws Exception {
    Held held = new Held(ServerFrame::hasControl);
    try (World world = new World(SERVICE); Attack attack = world.server.onFrames(held.only(world.bob.name()))) {
      world.alice.in(world.chat).rotate();
      world.bob.says(world.chat, "in the new epoch");
      world.alice.hearsLast(world.chat, "in the new epoch");
      attack.end();
      held.frames().reversed().forEach(Held.Frame::go);
      held.frames().forEach(Held.Frame::go);
      world.alice.says(world.chat, "behind the delay");
      world.bob.hears(world.chat, "hello", "hello, Alice", "in the new epoch", "behind the delay");
      assertEquals(List.of(), world.bob.alarms());
      assertEquals(2, world.ledger.epochs(world.chat).size());
      World.shown("delayed_epoch", "none held=" + held.frames().size());
    }
  }

  @Test
  void entries_that_come_again_and_again_are_taken_once() throws Exception {
    try (World world = new World(SERVICE);
        Attack _ = world.server.onFrames(Edit.repeat(frame -> frame.hasMessage() || frame.hasControl()))) {
      world.alice.says(world.chat, "one");
      world.alice.in(world.chat).rotate();
      world.alice.says(world.chat, "two");
      world.bob.hears(world.chat, "hello", "hello, Alice", "one", "two");
      assertEquals(List.of(), world.bob.alarms());
      assertEquals(List.of(), world.alice.alarms());
      World.shown("repeated_entries", "none");
    }
  }

  @Test
  void entries_in_another_order_are_put_in_theirs() throws Exception {
    Held held = new Held(frame -> frame.hasMessage() || frame.hasControl());
    try (World world = new World(SERVICE); Attack attack = world.server.onFrames(held.only(world.bob.name()))) {
      world.alice.says(world.chat, "one");
      world.alice.in(world.chat).rotate();
      world.alice.says(world.chat, "two");
      Until.holds(SOON, "three entries are held", () -> held.frames().size() >= 3);
      attack.end();
      held.frames().reversed().forEach(Held.Frame::go);
      world.bob.hears(world.chat, "hello", "hello, Alice", "one", "two");
      assertEquals(List.of(), world.bob.alarms());
      World.shown("reordered_entries", "none held=" + held.frames().size());
    }
  }

  @Test
  void a_message_in_flight_when_a_member_is_removed_is_sealed_anew_for_those_who_stay() throws Exception {
    try (World world = new World(SERVICE); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Person carol = world.person("carol");
      world.alice.in(world.chat).add(carol.uid());
      carol.knows(world.chat);
      world.bob.reaches(world.chat, 2);
      List<Runnable> inFlight = new CopyOnWriteArrayList<>();
      Attack hold = world.server.onRequests(((Edit<ClientFrame>) (line, frame) -> {
        if (!frame.hasSend()) {
          return List.of(frame);
        }
        inFlight.add(() -> line.ask(frame));
        return List.of();
      }).only(world.bob.name()));
      Future<?> sending = threads.submit(() -> world.bob.says(world.chat, "not for Carol"));
      Until.holds(SOON, "the message is in flight", () -> !inFlight.isEmpty());
      world.alice.in(world.chat).remove(carol.uid());
      hold.end();
      inFlight.forEach(Runnable::run);
      sending.get();
      world.alice.hearsLast(world.chat, "not for Carol");
      assertEquals(3, world.alice.epochOf(world.chat, "not for Carol"));
      assertEquals(List.of(2L, 3L), world.server.asked(world.bob.name()).stream().filter(ClientFrame::hasSend)
          .map(frame -> frame.getSend().getEpoch()).filter(epoch -> epoch > 1).toList());
      assertEquals(List.of(), world.server.told(carol.name()).stream().filter(ServerFrame::hasMessage)
          .map(ServerFrame::getMessage).filter(message -> message.getEpoch() > 2).toList());
      assertEquals(List.of(), carol.heard(world.chat));
      World.shown("message_in_flight_at_removal", "resealed epochs=2,3");
    }
  }

  @Test
  void a_message_that_is_withheld_leaves_a_gap_that_shows() throws Exception {
    try (World world = new World(SERVICE)) {
      DeviceId device = world.alice.device();
      Alarm expected = new Alarm.MessagesMissing(world.chat, world.alice.uid(), device, 1);
      long first = world.ledger.lastSeq(world.chat);
      // What comes behind it moves up, so that the order has no hole.
      try (Attack _ = world.server
          .onFrames(((Edit<ServerFrame>) (_, frame) -> moved(frame, first)).only(world.bob.name()))) {
        world.alice.says(world.chat, "withheld");
        world.alice.says(world.chat, "shown");
        world.bob.alarmed(expected);
        world.bob.hearsLast(world.chat, "shown");
      }
      assertEquals(List.of("hello", "hello, Alice", "withheld", "shown"), world.bob.history(world.chat));
      World.shown("withheld_message", World.name(expected));
    }
  }

  @Test
  void a_message_that_is_replayed_under_another_number_is_shown_once() throws Exception {
    try (World world = new World(SERVICE)) {
      world.alice.says(world.chat, "pay 10");
      world.bob.hearsLast(world.chat, "pay 10");
      Message paid = world.server.told(world.bob.name()).stream().filter(ServerFrame::hasMessage)
          .map(ServerFrame::getMessage).reduce((_, last) -> last).orElseThrow();
      try (Attack _ = world.server.onFrames(Lies
          .message(world.chat, message -> paid.toBuilder().setSeq(message.getSeq()).build()).only(world.bob.name()))) {
        world.alice.says(world.chat, "enough");
        world.bob.alarmed(new Alarm.MessageRefused(world.chat, world.ledger.lastSeq(world.chat), Fault.REPLAYED));
      }
      world.bob.hears(world.chat, "hello", "hello, Alice", "pay 10");
      assertEquals(List.of("hello", "hello, Alice", "pay 10", "enough"), world.bob.history(world.chat));
      World.shown("replayed_message", Fault.REPLAYED);
    }
  }

  @Test
  void two_messages_of_a_device_in_each_others_place_are_known_to_be_so() throws Exception {
    try (World world = new World(SERVICE)) {
      long before = world.ledger.lastSeq(world.chat);
      Held held = new Held(ServerFrame::hasMessage);
      try (Attack attack = world.server.onFrames(held.only(world.bob.name()))) {
        world.alice.says(world.chat, "one");
        world.alice.says(world.chat, "two");
        Until.holds(SOON, "both are held", () -> held.frames().size() == 2);
        attack.end();
        Message one = held.frames().getFirst().frame().getMessage();
        Message two = held.frames().getLast().frame().getMessage();
        world.server.tell(world.bob.name(), as(two, one.getSeq()));
        world.server.tell(world.bob.name(), as(one, two.getSeq()));
      }
      world.bob.alarmed(new Alarm.MessagesMissing(world.chat, world.alice.uid(), world.alice.device(), 1));
      world.bob.alarmed(new Alarm.MessageRefused(world.chat, before + 2, Fault.OUT_OF_ORDER));
      world.bob.hears(world.chat, "hello", "hello, Alice", "two", "one");
      assertEquals(List.of("hello", "hello, Alice", "one", "two"), world.bob.history(world.chat));
      World.shown("swapped_messages", Fault.OUT_OF_ORDER);
    }
  }

  @Test
  void entries_that_make_no_sense_do_not_deafen_a_client() throws Exception {
    try (World world = new World(SERVICE)) {
      long next = world.ledger.lastSeq(world.chat) + 1;
      ByteString chat = world.chat.bytes();
      ByteString shortId = ByteString.copyFromUtf8("short");
      ByteString hash = ByteString.copyFrom(new byte[32]);
      List<ServerFrame> nonsense = List.of(
          control(Control.newBuilder().setConversationId(chat).setSeq(next).setEpoch(0).setEpochHash(hash)),
          control(Control.newBuilder().setConversationId(chat).setSeq(next + 1).setEpoch(-1).setEpochHash(hash)),
          control(Control.newBuilder().setConversationId(shortId).setSeq(1)),
          ServerFrame.newBuilder().setMessage(Message.newBuilder().setConversationId(chat).setSeq(next + 2)).build(),
          ServerFrame.newBuilder().setMemberReady(MemberReady.newBuilder().setConversationId(shortId)).build(),
          ServerFrame.newBuilder().setMemberRemoved(MemberRemoved.newBuilder().setConversationId(shortId)).build(),
          ServerFrame.newBuilder().setAccountChanged(AccountChanged.newBuilder().setUid(shortId)).build(),
          ServerFrame.newBuilder().setConversationChanged(ConversationChanged.newBuilder().setConversationId(shortId))
              .build());
      nonsense.forEach(frame -> world.server.tell(world.bob.name(), frame));
      // The places of the nonsense are taken: honest entries behind them go on.
      for (int i = 0; i < 5; i++) {
        world.alice.says(world.chat, "honest " + i);
      }
      world.bob.hearsLast(world.chat, "honest 4");
      world.bob.says(world.chat, "I hear you");
      world.alice.hearsLast(world.chat, "I hear you");
      ConversationId fresh = world.alice.conversations().group(world.bob.uid()).id();
      world.alice.says(fresh, "and the news too");
      world.bob.hears(fresh, "and the news too");
      World.shown("nonsense", "entries=" + nonsense.size());
    }
  }

  private static ServerFrame as(Message message, long seq) {
    return ServerFrame.newBuilder().setMessage(message.toBuilder().setSeq(seq)).build();
  }

  private static ServerFrame control(Control.Builder control) {
    return ServerFrame.newBuilder().setControl(control).build();
  }

  private static List<ServerFrame> moved(ServerFrame frame, long withheld) {
    if (!frame.hasMessage() || frame.getMessage().getSeq() <= withheld) {
      return List.of(frame);
    }
    return frame.getMessage().getSeq() == withheld + 1
        ? List.of()
        : List.of(as(frame.getMessage(), frame.getMessage().getSeq() - 1));
  }
}
