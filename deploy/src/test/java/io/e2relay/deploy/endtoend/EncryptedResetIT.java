// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A member whose account was reset, where people confirm such members, over real sockets.
final class EncryptedResetIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Policy CONFIRM = new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.CONFIRM);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void who_was_reset_waits_without_a_key_until_somebody_confirms_it_and_the_others_go_on() throws Exception {
    KeyHolder carla = new KeyHolder("carla");
    try (Chatter anna = Chatter.registered(SERVICE, "anna");
        Chatter bert = Chatter.registered(SERVICE, "bert");
        RawSocket phone = carla.register(SERVICE)) {
      EncryptedConversation chat = anna.conversations().group(CONFIRM, bert.uid(), carla.uid());
      chat.send("for all");
      assertEquals("for all", bert.next().text());
      try (Chatter again = reset(carla, phone)) {
        Alarm needed = new Alarm.ConfirmationNeeded(chat.id(), carla.uid());
        chat.send("among us");
        assertEquals("among us", bert.next().text());
        assertEquals(RosterState.PENDING, state(chat, carla.uid()));
        Until.holds(SOON, "she waits", () -> again.at(chat).state().equals(ConversationState.PENDING));
        for (Runnable attempt : List.<Runnable>of(() -> again.at(chat).send("let me in"), () -> again.history(chat))) {
          assertEquals(ErrorCode.MEMBER_PENDING.number(), assertThrows(RefusedException.class, attempt::run).code());
        }
        // The service offers the work that it always offers for who waits; nobody does it.
        Until.holds(SOON, "both are asked", () -> anna.alarms.contains(needed) && bert.alarms.contains(needed));
        chat.rotate();
        bert.at(chat).send("still among us");
        assertEquals(RosterState.PENDING, state(bert.at(chat), carla.uid()));
        long closed = bert.at(chat).epoch().value();
        assertEquals(0, wraps(chat, carla.uid(), 2));
        assertTrue(again.received.isEmpty());
        bert.conversations().contacts().accept(carla.uid());
        Until.holds(SOON, "she is in again", () -> again.at(chat).state().equals(ConversationState.READY));
        assertEquals(1, wraps(chat, carla.uid(), closed + 1));
        again.at(chat).send("thanks");
        assertEquals("thanks", again.next().text());
        assertEquals(List.of("still among us", "thanks"), List.of(bert.next().text(), bert.next().text()));
        Shown.line("reset policy=confirm members=3 reset=1 epochs_waiting=%d wraps_waiting=0 refused=MEMBER_PENDING"
            .formatted(closed - 1));
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
        Until.holds(SOON, "the epoch is closed, or another is open",
            () -> !chat.state().equals(ConversationState.READY) || chat.epoch().value() == 2);
        assertEquals(2, chat.send("to whom?").epoch());
        assertEquals(0, wraps(chat, emil.uid(), 2));
        Until.holds(SOON, "he waits", () -> again.at(chat).state().equals(ConversationState.PENDING));
        denis.conversations().contacts().accept(emil.uid());
        assertEquals(3, chat.send("to Emil").epoch());
        assertEquals("to Emil", again.next().text());
        assertEquals(List.of("to Emil"), again.history(chat).stream().skip(again.history(chat).size() - 1L).toList());
      }
      Shown.line("reset policy=usual verified=1 alone=1 confirmed=1");
    }
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
