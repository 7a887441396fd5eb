// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.AgreementKey;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.MadeAccount;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.ConversationState;
import io.e2relay.client.e2ee.EncryptedConversation;
import io.e2relay.client.e2ee.Timing;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.PutAccount;
import io.e2relay.protocol.wire.ServerFrame;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A member whose account was reset, where people confirm such members, over real sockets.
final class EncryptedResetIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Policy CONFIRM = new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.CONFIRM);

  /// Opens a closed epoch with the next message, or when the service asks for it.
  private static final Timing PATIENT = new Timing(Duration.ofHours(1), Duration.ofSeconds(30), Duration.ofDays(7),
      10_000, Duration.ofDays(1));

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void who_was_reset_waits_without_a_key_until_somebody_confirms_it_and_the_others_go_on() throws Exception {
    KeyHolder carla = new KeyHolder("carla");
    try (Chatter anna = Chatter.registered(SERVICE, "anna", PATIENT);
        Chatter bert = Chatter.registered(SERVICE, "bert", PATIENT);
        RawSocket phone = carla.register(SERVICE)) {
      EncryptedConversation chat = anna.conversations().group(CONFIRM, bert.uid(), carla.uid());
      chat.send("for all");
      assertEquals("for all", bert.next().text());
      try (Chatter again = reset(carla, phone)) {
        List<ConversationState> states = new CopyOnWriteArrayList<>();
        again.conversations().onChange(changed -> states.add(changed.state()));
        Until.holds(SOON, () -> "her epoch is closed, not " + again.at(chat).state(),
            () -> isClosed(again.at(chat)) || isWaiting(again.at(chat)));
        assertEquals(2, chat.send("among us").epoch());
        assertEquals("among us", bert.next().text());
        assertEquals(RosterState.PENDING, state(chat, carla.uid()));
        Until.holds(SOON, () -> "she waits, not " + states, () -> isWaiting(again.at(chat)));
        for (Runnable attempt : List.<Runnable>of(() -> again.at(chat).send("let me in"), () -> again.history(chat))) {
          assertEquals(ErrorCode.MEMBER_PENDING.number(), assertThrows(RefusedException.class, attempt::run).code());
        }
        Alarm needed = new Alarm.ConfirmationNeeded(chat.id(), carla.uid());
        for (Chatter asked : List.of(anna, bert)) {
          Until.holds(SOON, () -> asked.name + " is asked, not " + asked.alarms, () -> asked.alarms.contains(needed));
        }
        chat.rotate();
        bert.at(chat).send("still among us");
        assertEquals(RosterState.PENDING, state(bert.at(chat), carla.uid()));
        long closed = bert.at(chat).epoch().value();
        assertEquals(0, wraps(chat, carla.uid(), 2));
        bert.conversations().contacts().accept(carla.uid());
        Until.holds(SOON, () -> "she is in again, not " + states,
            () -> again.at(chat).state().equals(ConversationState.READY));
        assertEquals(1, wraps(chat, carla.uid(), closed + 1));
        again.at(chat).send("thanks");
        assertEquals(List.of("still among us", "thanks"), List.of(bert.next().text(), bert.next().text()));
        Until.holds(SOON, () -> "she reads what she says, not " + again.received + again.alarms,
            () -> again.received.stream().anyMatch(message -> message.text().equals("thanks")));
        List<String> read = again.history(chat);
        assertEquals(List.of("thanks"), read.stream().filter(text -> !text.equals("for all")).toList());
        assertFalse(states.contains(ConversationState.GONE));
        Shown.line("reset policy=confirm members=3 reset=1 asked=2 epochs_waiting=%d wraps_waiting=0 called_gone=0"
            .formatted(closed - 1) + " refused=MEMBER_PENDING");
      }
    }
  }

  @Test
  void the_only_member_who_was_not_reset_goes_on_alone_and_both_after_the_confirmation() throws Exception {
    KeyHolder emil = new KeyHolder("emil");
    try (Chatter denis = Chatter.registered(SERVICE, "denis"); RawSocket phone = emil.register(SERVICE)) {
      EncryptedConversation chat = denis.conversations().direct(emil.uid());
      denis.conversations().contacts().verify(emil.uid());
      chat.send("for both");
      try (Chatter again = reset(emil, phone)) {
        Until.holds(SOON, "the epoch is closed, or another is open", () -> isClosed(chat) || chat.epoch().value() == 2);
        assertEquals(2, chat.send("to whom?").epoch());
        assertEquals(0, wraps(chat, emil.uid(), 2));
        Until.holds(SOON, "he waits", () -> isWaiting(again.at(chat)));
        denis.conversations().contacts().accept(emil.uid());
        assertEquals(3, chat.send("to Emil").epoch());
        assertEquals("to Emil", again.next().text());
        // What was written before the reset is given back by itself, what was written without him is not his.
        readsSoon(again, chat, "for both", "to Emil");
      }
      Shown.line("reset policy=usual verified=1 alone=1 confirmed=1 given_back=1");
    }
  }

  @Test
  void who_was_reset_goes_on_at_once_where_nobody_has_to_confirm_it() throws Exception {
    KeyHolder hans = new KeyHolder("hans");
    try (Chatter frida = Chatter.registered(SERVICE, "frida", PATIENT);
        Chatter georg = Chatter.registered(SERVICE, "georg", PATIENT);
        RawSocket phone = hans.register(SERVICE)) {
      EncryptedConversation chat = frida.conversations().group(georg.uid(), hans.uid());
      chat.send("for all");
      try (Chatter again = reset(hans, phone)) {
        Until.holds(SOON, "the epoch is closed, or another is open", () -> isClosed(chat) || chat.epoch().value() == 2);
        assertEquals(2, chat.send("still for all").epoch());
        assertEquals(RosterState.ACTIVE, state(chat, hans.uid()));
        readsSoon(again, chat, "for all", "still for all");
      }
      assertEquals(List.of(new Alarm.SecurityCodeChanged(hans.uid(), false)), List.copyOf(frida.alarms));
      assertEquals(List.of(), asked(georg));
      Shown.line("reset policy=usual verified=0 members=3 reset=1 asked=0 control=ok");
    }
  }

  private static boolean isClosed(EncryptedConversation chat) {
    return chat.state().equals(ConversationState.CLOSED);
  }

  private static boolean isWaiting(EncryptedConversation chat) {
    return chat.state().equals(ConversationState.PENDING);
  }

  private static void readsSoon(Chatter reader, EncryptedConversation chat, String... texts) {
    Until.holds(SOON, () -> reader.name + " reads " + List.of(texts) + ", not " + reader.history(chat) + reader.alarms,
        () -> reader.history(chat).equals(List.of(texts)));
  }

  private static List<Alarm> asked(Chatter one) {
    return one.alarms.stream().filter(Alarm.ConfirmationNeeded.class::isInstance).toList();
  }

  /// The account's root, key and device are other ones now.
  private static Chatter reset(KeyHolder holder, RawSocket phone) {
    AgreementKey key = AgreementKey.generate();
    SigningKey root = SigningKey.generate();
    DeviceKeys laptop = DeviceKeys.generate().with(2, key);
    MadeAccount made = holder.reset(laptop, key, root);
    ServerFrame answer = phone.ask(ClientFrame.newBuilder()
        .setPutAccount(PutAccount.newBuilder().setRecord(made.record().bytes()).addAllDeviceWraps(
            made.record().statement().devices().stream().map(device -> made.wrapFor(device.id())).toList())));
    assertTrue(answer.hasDone(), () -> "not reset: " + answer.getError());
    return Chatter.on(SERVICE, holder.name, laptop, root.publicKey());
  }

  private static RosterState state(EncryptedConversation chat, Uid uid) {
    return chat.members().stream().filter(one -> one.uid().equals(uid)).map(RosterMember::state).findFirst()
        .orElseThrow();
  }

  private static long wraps(EncryptedConversation chat, Uid uid, long fromEpoch) throws SQLException {
    try (Connection sql = SERVICE.sql(SERVICE.backing().postgres());
        PreparedStatement statement = sql
            .prepareStatement("SELECT count(*) FROM keys.wrap WHERE conversation_id = ? AND uid = ? AND epoch >= ?")) {
      statement.setBytes(1, chat.id().bytes().toByteArray());
      statement.setBytes(2, uid.bytes().toByteArray());
      statement.setLong(3, fromEpoch);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
