// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.Client;
import io.e2relay.client.Conversation;
import io.e2relay.client.DisconnectedException;
import io.e2relay.client.IncomingMessage;
import io.e2relay.client.RefusedException;
import io.e2relay.client.Relay;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.MsgId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Kills processes at random moments while senders send, and then counts: whatever was acknowledged must be stored, and
/// no conversation may have a hole.
final class CrashIT {
  private static final int ROUNDS = 10;
  private static final int SENDERS = 4;
  private static final Duration BACK_WITHIN = Duration.ofSeconds(60);

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private final Map<MsgId, Long> acknowledged = new ConcurrentHashMap<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  private interface Fault {
    void strike() throws Exception;

    void heal() throws Exception;
  }

  @Test
  void nothing_acknowledged_is_lost_when_the_service_is_killed() throws Exception {
    crash("jvm", ROUNDS, new Fault() {
      @Override
      public void strike() {
        SERVICE.kill();
      }

      @Override
      public void heal() {
        SERVICE.start();
      }
    });
  }

  @Test
  void nothing_acknowledged_is_lost_when_postgresql_is_killed() throws Exception {
    crash("postmaster", ROUNDS, new Fault() {
      @Override
      public void strike() {
        SERVICE.backing().killPostgres();
      }

      @Override
      public void heal() {
        SERVICE.backing().startPostgres();
      }
    });
  }

  @Test
  void nothing_acknowledged_is_lost_when_everything_is_killed_at_once() throws Exception {
    crash("all", ROUNDS, everything());
  }

  @Tag("long")
  @Test
  void nothing_acknowledged_is_lost_when_everything_is_killed_a_hundred_times() throws Exception {
    crash("all-long", 100, everything());
  }

  private static Fault everything() {
    return new Fault() {
      @Override
      public void strike() {
        SERVICE.backing().killPostgres();
        SERVICE.backing().killRedis();
        SERVICE.kill();
      }

      @Override
      public void heal() {
        SERVICE.backing().startPostgres();
        SERVICE.backing().startRedis();
        SERVICE.start();
      }
    };
  }

  private void crash(String kind, int rounds, Fault fault) throws Exception {
    assertDurableGround();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Client> clients = new ArrayList<>();
    List<Conversation> conversations = new ArrayList<>();
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      Client client = connect("%s-sender-%d".formatted(kind, i));
      clients.add(client);
      conversations.add(client.createConversation(client.user(kind + "-reader")));
    }
    for (Conversation conversation : conversations) {
      senders.add(Thread.ofVirtual().start(() -> sendUntilStopped(conversation)));
    }
    for (int round = 0; round < rounds; round++) {
      int before = acknowledged.size();
      Until.holds(BACK_WITHIN, "sends are acknowledged in round %d (seed %d)".formatted(round, seed),
          () -> acknowledged.size() > before + 20);
      LockSupport.parkNanos(Duration.ofMillis(random.nextInt(300)).toNanos());
      fault.strike();
      fault.heal();
    }
    int before = acknowledged.size();
    Until.holds(BACK_WITHIN, "sends are acknowledged after the last round (seed " + seed + ")",
        () -> acknowledged.size() > before + 20);
    stop.set(true);
    for (Thread sender : senders) {
      sender.join();
    }
    String counts = count(kind, conversations);
    Shown.line("crash kind=%s rounds=%d seed=%d senders=%d %s".formatted(kind, rounds, seed, SENDERS, counts));
    clients.forEach(Client::close);
  }

  private void sendUntilStopped(Conversation conversation) {
    while (!stop.get()) {
      MsgId message = new MsgId(RawSocket.random(MsgId.BYTES));
      try {
        acknowledged.put(message, conversation.send(message, RawSocket.random(300)).seq());
      } catch (RefusedException | DisconnectedException _) {
        // Not acknowledged: it may be stored or not, and counts as neither.
      }
    }
  }

  /// Counts twice: in the tables, and as a member who reads everything from the first message on.
  private String count(String kind, List<Conversation> conversations) throws Exception {
    Set<ByteString> stored = new HashSet<>();
    long entries = 0;
    long gaps = 0;
    try (Connection sql = SERVICE.sql(SERVICE.backing().postgres());
        Statement statement = sql.createStatement();
        ResultSet rows = statement
            .executeQuery("SELECT conversation_id, count(seq), max(seq) FROM store.entry GROUP BY conversation_id")) {
      while (rows.next()) {
        entries += rows.getLong(2);
        gaps += rows.getLong(3) - rows.getLong(2);
      }
    }
    try (Client reader = connect(kind + "-reader")) {
      for (Conversation conversation : conversations) {
        List<IncomingMessage> history = reader.conversation(conversation.id()).history(0);
        stored.addAll(history.stream().map(message -> message.msgId().bytes()).collect(Collectors.toSet()));
        history.forEach(message -> assertEquals(message.seq(),
            acknowledged.getOrDefault(message.msgId(), message.seq()), "a message stands where it was acknowledged"));
      }
    }
    long lost = acknowledged.keySet().stream().filter(message -> !stored.contains(message.bytes())).count();
    assertEquals(0, gaps, "count = max(seq) in every conversation");
    assertEquals(0, lost, "acknowledged is a subset of stored");
    assertTrue(acknowledged.size() > ROUNDS * 20, "the load was real");
    return "conversations=%d acknowledged=%d stored=%d entries=%d lost=%d gaps=%d".formatted(conversations.size(),
        acknowledged.size(), stored.size(), entries, lost, gaps);
  }

  private static void assertDurableGround() throws Exception {
    Postgres superuser = SERVICE.backing().postgresSuperuser();
    try (Connection sql = SERVICE.sql(superuser); Statement statement = sql.createStatement()) {
      for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
        try (ResultSet row = statement.executeQuery("SHOW " + setting)) {
          assertTrue(row.next());
          assertEquals("on", row.getString(1), setting);
        }
      }
      try (ResultSet row = statement.executeQuery("SHOW data_directory")) {
        assertTrue(row.next());
        assertFalse(Set.of("tmpfs", "ramfs", "overlay").contains(fileSystem(Path.of(row.getString(1)))),
            "data lies on a disk");
      }
    }
  }

  private static String fileSystem(Path folder) throws Exception {
    return Files.getFileStore(folder).type();
  }

  private static Client connect(String name) {
    return Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca()).timeout(BACK_WITHIN)
        .connect(() -> SERVICE.token(name));
  }
}
