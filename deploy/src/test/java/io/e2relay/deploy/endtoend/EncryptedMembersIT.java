// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.RosterMember;
import io.e2relay.client.e2ee.ConversationState;
import io.e2relay.client.e2ee.Conversations;
import io.e2relay.client.e2ee.EncryptedConversation;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.Send;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Who comes into an encrypted conversation, and what they read, over real sockets.
final class EncryptedMembersIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private static final Policy FULL = new Policy(HistoryPolicy.FULL, AddPolicy.ANY_MEMBER, RewrapPolicy.HISTORY);

  @Test
  void whoever_has_an_account_reads_and_writes_as_soon_as_they_are_added() {
    try (Chatter anna = Chatter.registered(SERVICE, "anna");
        Chatter bert = Chatter.registered(SERVICE, "bert");
        Chatter carla = Chatter.registered(SERVICE, "carla")) {
      EncryptedConversation chat = anna.conversations().group(bert.uid());
      chat.send("before");
      assertEquals("before", bert.next().text());
      bert.at(chat).add(carla.uid());
      carla.at(chat).send("I am here");
      assertEquals("I am here", carla.next().text());
      assertEquals("I am here", bert.next().text());
      assertEquals(List.of("I am here"), carla.history(chat));
      chat.shareHistory(carla.uid(), new Epoch(1));
      Until.holds(Duration.ofSeconds(10), "the shared epoch is read",
          () -> carla.history(chat).equals(List.of("before", "I am here")));
      assertEquals(List.of(), carla.alarms);
      Shown.line("add history=from_join read_before_share=0 read_after_share=1");
    }
  }

  @Test
  void where_the_history_is_full_a_newcomer_reads_all_epochs() {
    try (Chatter denis = Chatter.registered(SERVICE, "denis"); Chatter emil = Chatter.registered(SERVICE, "emil")) {
      EncryptedConversation chat = denis.conversations().group(FULL);
      chat.send("one");
      chat.rotate();
      chat.send("two");
      chat.add(emil.uid());
      assertEquals(List.of("one", "two"), List.of(emil.next().text(), emil.next().text()));
      assertEquals(List.of(), emil.alarms);
      Shown.line("add history=full epochs=%d read=2".formatted(chat.epoch().value()));
    }
  }

  @Test
  void without_an_account_nothing_is_read_until_there_is_one_and_then_by_itself_while_a_holder_is_online() {
    try (Chatter frida = Chatter.registered(SERVICE, "frida"); Chatter georg = Chatter.registered(SERVICE, "georg")) {
      Uid heike = uid("heike");
      EncryptedConversation chat = frida.conversations().group(FULL, georg.uid());
      chat.add(heike);
      assertEquals(RosterState.PENDING, state(chat, heike));
      refused("heike", chat);
      chat.send("others go on");
      assertEquals("others go on", georg.next().text());
      long since = System.nanoTime();
      try (Chatter came = Chatter.registered(SERVICE, "heike")) {
        assertEquals("others go on", came.next().text());
        ready(chat, came, "holder_first", since);
      }
    }
  }

  @Test
  void without_a_holder_online_it_is_read_by_itself_as_soon_as_one_comes() {
    Chatter ida = Chatter.registered(SERVICE, "ida");
    EncryptedConversation chat = ida.conversations().group(FULL);
    chat.add(uid("jan"));
    chat.send("for Jan");
    ida.close();
    try (Chatter jan = Chatter.registered(SERVICE, "jan")) {
      Until.holds(Duration.ofSeconds(10), "Jan waits", () -> jan.at(chat).state().equals(ConversationState.PENDING));
      assertTrue(jan.received.isEmpty());
      long since = System.nanoTime();
      try (Chatter back = ida.again()) {
        assertEquals("for Jan", jan.next().text());
        ready(back.at(chat), jan, "newcomer_first", since);
      }
    }
  }

  @Test
  void roles_and_members_are_those_of_the_signed_roster() {
    try (Chatter kurt = Chatter.registered(SERVICE, "kurt"); Chatter lena = Chatter.registered(SERVICE, "lena")) {
      EncryptedConversation chat = kurt.conversations().group(Conversations.USUAL, lena.uid());
      assertEquals(RosterRole.MEMBER, member(lena.at(chat), lena.uid()).role());
      chat.setRole(lena.uid(), RosterRole.ADMIN);
      Until.holds(Duration.ofSeconds(10), "Lena knows", () -> lena.at(chat).epoch().value() == 2);
      assertEquals(RosterRole.ADMIN, member(lena.at(chat), lena.uid()).role());
      Shown.line("roles signed=1 epochs=2");
    }
  }

  private static void ready(EncryptedConversation chat, Chatter came, String order, long since) {
    Until.holds(Duration.ofSeconds(10), "it is ready", () -> came.at(chat).state().equals(ConversationState.READY));
    came.at(chat).send("thanks");
    assertEquals("thanks", came.next().text());
    assertEquals(List.of(), came.alarms);
    Shown.line("pending order=%s time_to_readable_ms=%d".formatted(order, (System.nanoTime() - since) / 1_000_000));
  }

  private static void refused(String name, EncryptedConversation chat) {
    try (RawSocket socket = SERVICE.welcomed(name)) {
      ByteString id = chat.id().bytes();
      var fetched = socket.askOnce(ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(id)));
      assertEquals(ErrorCode.MEMBER_PENDING.number(), fetched.getError().getCode());
      var sent = socket.askOnce(ClientFrame.newBuilder().setSend(Send.newBuilder().setConversationId(id)
          .setMsgId(RawSocket.random(16)).setEpoch(1).setBody(RawSocket.random(530))));
      assertTrue(sent.hasError());
    }
  }

  private static RosterMember member(EncryptedConversation chat, Uid uid) {
    return chat.members().stream().filter(one -> one.uid().equals(uid)).findFirst().orElseThrow();
  }

  private static RosterState state(EncryptedConversation chat, Uid uid) {
    return member(chat, uid).state();
  }

  private static Uid uid(String name) {
    return Ids.uid(new TenantId(ByteString.fromHex(TestIssuer.TENANT)), name);
  }
}
