// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.client.e2ee.EncryptedConversation;
import io.e2relay.client.e2ee.EncryptedMessage;
import io.e2relay.protocol.id.Uid;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Many who want to open the next epoch at once.
final class RotationRaceIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private static final int CLIENTS = 50;
  private static final List<Chatter> CHATTERS = new ArrayList<>();

  @AfterAll
  static void close() {
    CHATTERS.forEach(Chatter::close);
  }

  @Test
  void fifty_clients_that_rotate_at_once_make_one_epoch_after_the_other_and_lose_nothing() throws Exception {
    for (int i = 0; i < CLIENTS; i++) {
      CHATTERS.add(Chatter.registered(SERVICE, "racer-" + i));
    }
    EncryptedConversation chat = CHATTERS.getFirst().conversations()
        .group(CHATTERS.stream().skip(1).map(Chatter::uid).toArray(Uid[]::new));
    long begun = System.nanoTime();
    all(one -> {
      one.at(chat).rotate();
      return one.at(chat).send("rotated " + one.name).epoch();
    });
    // Whoever is removed closes the epoch: now all senders find it closed.
    Chatter gone = CHATTERS.getLast();
    chat.remove(gone.uid());
    List<Chatter> left = CHATTERS.subList(0, CLIENTS - 1);
    all(left, one -> one.at(chat).send("after " + one.name).epoch());
    long ms = (System.nanoTime() - begun) / 1_000_000;

    int messages = CLIENTS + left.size();
    Set<String> expected = new TreeSet<>(CHATTERS.stream().map(one -> "rotated " + one.name).toList());
    left.forEach(one -> expected.add("after " + one.name));
    List<List<String>> read = all(left, one -> IntStream.range(0, messages).mapToObj(_ -> one.next().text()).toList());
    for (List<String> texts : read) {
      assertEquals(expected, new TreeSet<>(texts));
      assertEquals(messages, texts.size());
      assertEquals(read.getFirst(), texts);
    }
    Until.holds(Duration.ofSeconds(30), "all are in the same epoch",
        () -> left.stream().map(one -> one.at(chat).epoch()).distinct().count() == 1);
    left.forEach(one -> assertEquals(List.of(), one.alarms));
    left.forEach(one -> assertEquals(List.of(), List.copyOf(one.received)));
    long epochs = epochs(chat);
    assertEquals(chat.epoch().value(), epochs);
    assertEquals(messages, chat.history(0).stream().map(EncryptedMessage::msgId).distinct().count());
    Shown.line("rotation-race clients=%d epochs=%d winners_per_epoch=1 messages=%d lost=0 doubled=0 ms=%d"
        .formatted(CLIENTS, epochs, messages, ms));
  }

  private static <T> List<T> all(Function<Chatter, T> work) throws Exception {
    return all(CHATTERS, work);
  }

  private static <T> List<T> all(List<Chatter> whom, Function<Chatter, T> work) throws Exception {
    try (ExecutorService together = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<T>> tasks = whom.stream().map(one -> (Callable<T>) () -> work.apply(one))
          .collect(Collectors.toList());
      List<T> results = new ArrayList<>();
      for (var done : together.invokeAll(tasks)) {
        results.add(done.get());
      }
      return results;
    }
  }

  /// As many records as epochs, each once.
  private static long epochs(EncryptedConversation chat) throws SQLException {
    try (Connection sql = SERVICE.sql(SERVICE.backing().postgres());
        PreparedStatement statement = sql.prepareStatement(
            "SELECT count(*), count(DISTINCT epoch), max(epoch) FROM keys.epoch_record WHERE conversation_id = ?")) {
      statement.setBytes(1, chat.id().bytes().toByteArray());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        assertEquals(row.getLong(1), row.getLong(2));
        assertEquals(row.getLong(1), row.getLong(3));
        return row.getLong(1);
      }
    }
  }
}
