// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.Client;
import io.e2relay.client.RefusedException;
import io.e2relay.client.Relay;
import io.e2relay.client.e2ee.ConversationState;
import io.e2relay.client.e2ee.Conversations;
import io.e2relay.client.e2ee.EncryptedConversation;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Encrypted conversations over real sockets and a real database.
final class EncryptedChatIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void two_people_chat_in_one_conversation_although_both_began_it_at_once() throws Exception {
    try (Chatter anna = Chatter.registered(SERVICE, "anna");
        Chatter bert = Chatter.registered(SERVICE, "bert");
        ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<EncryptedConversation>> beginnings = List.of(() -> anna.conversations().direct(bert.uid()),
          () -> bert.conversations().direct(anna.uid()));
      List<ConversationId> ids = new ArrayList<>();
      for (var begun : both.invokeAll(beginnings)) {
        ids.add(begun.get().id());
      }
      assertEquals(ids.getFirst(), ids.getLast());
      EncryptedConversation chat = anna.conversations().get(ids.getFirst());
      chat.send("Hello, Bert");
      assertEquals("Hello, Bert", bert.next().text());
      bert.at(chat).send("Hello, Anna");
      assertEquals(List.of("Hello, Bert", "Hello, Anna"), List.of(anna.next().text(), anna.next().text()));
      assertEquals(List.of(), anna.alarms);
      assertEquals(List.of(), bert.alarms);
      Shown.line("direct_at_once conversations=1 messages=2 alarms=0");
    }
  }

  @Test
  void three_devices_decrypt_the_same_ciphertext() {
    try (Chatter carla = Chatter.registered(SERVICE, "carla");
        Chatter denis = Chatter.registered(SERVICE, "denis");
        Chatter emil = Chatter.registered(SERVICE, "emil")) {
      EncryptedConversation chat = carla.conversations().group(denis.uid(), emil.uid());
      for (int i = 0; i < 20; i++) {
        Stream.of(carla, denis, emil).toList().get(i % 3).at(chat).send("message " + i);
      }
      List<List<String>> read = Stream.of(carla, denis, emil)
          .map(one -> Stream.generate(() -> one.next().text()).limit(20).toList()).toList();
      assertEquals(1, Stream.of(carla, denis, emil).map(one -> one.history(chat)).distinct().count());
      assertEquals(1, read.stream().distinct().count());
      assertEquals(carla.history(chat), read.getFirst());
      Stream.of(carla, denis, emil).forEach(one -> assertEquals(List.of(), one.alarms));
      Shown.line("three_read devices=3 messages=20 ciphertexts=20");
    }
  }

  @Test
  void whoever_is_removed_reads_and_hears_nothing_of_what_comes_after() {
    try (Chatter frida = Chatter.registered(SERVICE, "frida");
        Chatter georg = Chatter.registered(SERVICE, "georg");
        Chatter heike = Chatter.registered(SERVICE, "heike")) {
      EncryptedConversation chat = frida.conversations().group(georg.uid(), heike.uid());
      chat.send("for all");
      assertEquals("for all", heike.next().text());
      chat.remove(heike.uid());
      assertEquals(2, chat.send("without Heike").epoch());
      assertEquals(List.of("for all", "without Heike"), List.of(georg.next().text(), georg.next().text()));
      Until.holds(Duration.ofSeconds(10), "she knows", () -> heike.at(chat).state().equals(ConversationState.GONE));
      for (Runnable attempt : List.<Runnable>of(() -> heike.at(chat).send("still here"), () -> heike.history(chat))) {
        assertEquals(ErrorCode.NOT_A_MEMBER.number(), assertThrows(RefusedException.class, attempt::run).code());
      }
      assertTrue(heike.received.isEmpty());
      Shown.line("removal members=3 removed=1 read_after=0");
    }
  }

  @Test
  void after_a_removal_by_somebody_who_goes_another_online_member_opens_the_next_epoch() {
    try (Chatter ida = Chatter.registered(SERVICE, "ida");
        Chatter jan = Chatter.registered(SERVICE, "jan");
        Chatter kurt = Chatter.registered(SERVICE, "kurt")) {
      EncryptedConversation chat = ida.conversations().group(jan.uid(), kurt.uid());
      chat.send("all");
      assertEquals("all", jan.next().text());
      kurt.at(chat).leave();
      Until.holds(Duration.ofSeconds(20), "somebody opened the next epoch", () -> chat.epoch().value() == 2);
      assertEquals(2, jan.at(chat).send("we two").epoch());
      assertEquals(List.of("all", "we two"), List.of(ida.next().text(), ida.next().text()));
      Shown.line("leaving members=3 left=1 rotated_by=other_member");
    }
  }

  @Test
  void open_and_encrypted_conversations_live_side_by_side_and_an_open_one_goes_on_encrypted() {
    try (Chatter lena = Chatter.registered(SERVICE, "lena");
        Chatter mats = Chatter.registered(SERVICE, "mats");
        Client plainLena = Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca()).connect(SERVICE.token("lena"));
        Client plainMats = Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca()).connect(SERVICE.token("mats"))) {
      List<String> plain = new java.util.concurrent.CopyOnWriteArrayList<>();
      plainMats.onMessage(message -> plain.add(message.text()));
      var open = plainLena.createConversation(mats.uid());
      open.send("in the open");
      EncryptedConversation chat = lena.conversations().direct(mats.uid());
      chat.send("between us");
      assertEquals("between us", mats.next().text());
      Until.holds(Duration.ofSeconds(10), "the open one came", () -> plain.equals(List.of("in the open")));
      EncryptedConversation successor = lena.conversations().upgrade(open.id(), Set.of(lena.uid(), mats.uid()),
          Conversations.USUAL);
      assertEquals(open.id(), successor.genesis().statement().predecessor());
      successor.send("from now on");
      assertEquals("from now on", mats.next().text());
      assertEquals(List.of("in the open"), plain);
      assertThrows(RefusedException.class, () -> open.send("too late"));
      Shown.line("side_by_side open=1 encrypted=2 upgraded=1");
    }
  }

  @Test
  void the_database_holds_nothing_that_can_be_read() throws SQLException {
    String canary = "canary-" + ByteString.copyFrom(RawSocket.random(12).toByteArray()).hashCode() + "-sings";
    try (Chatter nina = Chatter.registered(SERVICE, "nina");
        Chatter olaf = Chatter.registered(SERVICE, "olaf");
        Client plain = Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca()).connect(SERVICE.token("nina"))) {
      nina.conversations().direct(olaf.uid()).send(canary);
      assertEquals(canary, olaf.next().text());
      int tables = assertNowhere(canary);
      // The control: what is sent in the open is found.
      plain.createConversation(olaf.uid()).send("open " + canary);
      assertFalse(found(canary).isEmpty());
      Shown.line("canary schemas=2 tables=%d found=0 control=found".formatted(tables));
    }
  }

  private static int assertNowhere(String canary) throws SQLException {
    assertEquals(List.of(), found(canary));
    try (Connection sql = SERVICE.sql(SERVICE.backing().postgres())) {
      return tables(sql).size();
    }
  }

  private static List<String> found(String canary) throws SQLException {
    List<String> where = new ArrayList<>();
    try (Connection sql = SERVICE.sql(SERVICE.backing().postgres()); Statement statement = sql.createStatement()) {
      String hex = java.util.HexFormat.of().formatHex(canary.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      for (String table : tables(sql)) {
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM " + table + " t WHERE t::text LIKE '%" + hex
            + "%' OR t::text LIKE '%" + canary + "%'")) {
          rows.next();
          if (rows.getLong(1) > 0) {
            where.add(table);
          }
        }
      }
    }
    return where;
  }

  private static List<String> tables(Connection sql) throws SQLException {
    List<String> tables = new ArrayList<>();
    try (Statement statement = sql.createStatement();
        ResultSet rows = statement.executeQuery(
            "SELECT schemaname || '.' || tablename FROM pg_tables " + "WHERE schemaname IN ('keys', 'store')")) {
      while (rows.next()) {
        tables.add(rows.getString(1));
      }
    }
    return tables;
  }
}
