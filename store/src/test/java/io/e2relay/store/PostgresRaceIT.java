// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.Samples.append;
import static io.e2relay.store.StoreDatabase.buffer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/// Stores beside each other, and beside whoever moves the fence.
@ExtendWith(BackingExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class PostgresRaceIT implements LogSubject {
  private static final String INSERT = """
      INSERT INTO store.entry (conversation_id, seq, epoch, kind, uid, device_id, msg_id, received_at, body, body_hash)
      VALUES ($1::bytea, 2, 1, 1, $2::bytea, $3::bytea, $4::bytea, clock_timestamp(), $5::bytea, $6::bytea)""";
  private static final String COUNT = """
      UPDATE store.head SET last_seq = 2 WHERE conversation_id = $1::bytea""";
  private static final String FENCE = """
      SELECT last_seq FROM store.fence($1::bytea, 2, $2::boolean, ''::bytea)""";
  private static final String TOUCH = """
      UPDATE store.head SET last_seq = last_seq WHERE conversation_id = ANY ($1::bytea[])""";
  private static final String WAITING = """
      SELECT count(*) AS waiting FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND application_name = 'e2relay-store' AND datname = current_database()""";
  private static final String SEQS = """
      SELECT seq, epoch, kind FROM store.entry WHERE conversation_id = $1::bytea ORDER BY seq""";
  // Of this database only, for connections that begin afterwards.
  private static final String SET_ISOLATION = """
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I ', current_database()) || '%s'; END $$""";

  private final Postgres postgres;
  private final StoreDatabase database;
  private final List<Log> logs;

  PostgresRaceIT(Postgres postgres) {
    this.postgres = postgres;
    database = new StoreDatabase(postgres);
    logs = IntStream.range(0, 4).mapToObj(_ -> database.newLog()).toList();
  }

  @AfterAll
  void close() {
    database.close();
  }

  @Override
  public Log log() {
    return logs.getFirst();
  }

  @Override
  public Door door() {
    return database;
  }

  @Test
  void four_tries_of_each_of_200_messages_at_once_store_each_once_in_one_place() {
    ConversationId conversation = opened();
    List<Append> messages = IntStream.range(0, 200).mapToObj(i -> append(conversation, 1, "m" + i)).toList();
    List<Future<List<Outcome>>> answers = new ArrayList<>();
    List<Append> asked = new ArrayList<>();
    for (int from = 0; from < messages.size(); from += 10) {
      for (Log log : logs) {
        List<Append> some = messages.subList(from, from + 10);
        asked.addAll(some);
        answers.add(log.append(new Batch(some)));
      }
    }
    Map<MessageKey, Place> places = new HashMap<>();
    int stored = 0;
    List<Outcome> outcomes = answers.stream().flatMap(answer -> LogSubject.await(answer).stream()).toList();
    for (int i = 0; i < asked.size(); i++) {
      Place place = switch (outcomes.get(i)) {
        case Outcome.Stored(Place first) -> first;
        case Outcome.Duplicate(Place earlier) -> earlier;
        case Outcome.Differs _,Outcome.Stale _,Outcome.Closed _,Outcome.Unknown _ ->
          throw new AssertionError("refused: " + outcomes.get(i));
      };
      stored += outcomes.get(i) instanceof Outcome.Stored ? 1 : 0;
      Place known = places.putIfAbsent(asked.get(i).key(), place);
      assertEquals(known == null ? place : known, place);
    }
    assertEquals(200, stored);
    assertEquals(LongStream.rangeClosed(2, 201).boxed().toList(),
        places.values().stream().map(Place::seq).sorted().toList());
    assertEquals(LongStream.rangeClosed(1, 201).boxed().toList(),
        database.ask(SEQS, buffer(conversation.bytes())).stream().map(row -> row.getLong("seq")).toList());
    assertEquals(201, head(conversation).lastSeq());
  }

  @Test
  void batches_over_the_same_conversations_in_any_order_wait_for_each_other_and_never_deadlock() {
    List<ConversationId> conversations = IntStream.range(0, 20).mapToObj(_ -> opened()).toList();
    List<Future<List<Outcome>>> answers = new ArrayList<>();
    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < logs.size(); i++) {
        List<ConversationId> order = i % 2 == 0 ? conversations : conversations.reversed();
        answers.add(logs.get(i).append(new Batch(order.stream().map(id -> append(id, 1, "m")).toList())));
      }
    }
    answers.forEach(
        answer -> LogSubject.await(answer).forEach(outcome -> assertInstanceOf(Outcome.Stored.class, outcome)));
    for (ConversationId conversation : conversations) {
      assertEquals(LongStream.rangeClosed(1, 201).boxed().toList(),
          database.ask(SEQS, buffer(conversation.bytes())).stream().map(row -> row.getLong("seq")).toList());
    }
  }

  @Test
  void batches_whose_heads_all_change_while_they_wait_are_stored_in_order_and_the_server_lives() {
    int sets = 16;
    int rounds = 4;
    int batches = 16;
    long items = 0;
    Random random = new Random(18);
    SqlConnection witness = LogSubject.await(database.pool().getConnection());
    for (int set = 0; set < sets; set++) {
      List<ConversationId> conversations = IntStream.range(0, 20).mapToObj(_ -> opened()).toList();
      Map<ConversationId, List<Long>> seqs = new HashMap<>();
      for (int round = 0; round < rounds; round++) {
        List<Batch> asked = Stream.generate(() -> batch(conversations, random)).limit(batches).toList();
        List<List<Outcome>> outcomes = whileAllHeadsChange(conversations, asked, witness);
        for (int i = 0; i < batches; i++) {
          items += asked.get(i).size();
          seqs(asked.get(i), outcomes.get(i)).forEach((id, some) -> {
            assertEquals(some.stream().sorted().toList(), some);
            seqs.computeIfAbsent(id, _ -> new ArrayList<>()).addAll(some);
          });
        }
      }
      seqs.forEach((id, some) -> assertEquals(LongStream.rangeClosed(2, 1 + some.size()).boxed().toList(),
          some.stream().sorted().toList()));
    }
    // A server process that crashes takes every connection to the server with it.
    LogSubject.await(witness.query("SELECT 1").execute());
    LogSubject.await(witness.close());
    System.out.println("shown: append-behind-changed-heads batches=" + sets * rounds * batches + " items=" + items);
  }

  /// Of very different sizes, so that a server process soon uses memory again that it has freed.
  private static Batch batch(List<ConversationId> conversations, Random random) {
    int first = random.nextInt(conversations.size());
    int largest = List.of(10, 1_000, 16_000).get(random.nextInt(3));
    return new Batch(IntStream.rangeClosed(0, random.nextInt(40))
        .mapToObj(i -> append(conversations.get((first + i) % conversations.size()), 1, Samples.msgId(),
            Samples.filled(1 + random.nextInt(largest), 7)))
        .toList());
  }

  /// Appends from all logs at once. Each batch begins before the heads have changed, and has its locks afterwards.
  private List<List<Outcome>> whileAllHeadsChange(List<ConversationId> conversations, List<Batch> batches,
      SqlConnection other) {
    LogSubject.await(other.query("BEGIN").execute());
    Buffer[] ids = conversations.stream().map(id -> buffer(id.bytes())).toArray(Buffer[]::new);
    LogSubject.await(other.preparedQuery(TOUCH).execute(Tuple.of(ids)));
    List<Future<List<Outcome>>> answers = IntStream.range(0, batches.size())
        .mapToObj(i -> logs.get(i % logs.size()).append(batches.get(i))).toList();
    awaitLockWaits(batches.size());
    LogSubject.await(other.query("COMMIT").execute());
    return answers.stream().map(LogSubject::await).toList();
  }

  private static Map<ConversationId, List<Long>> seqs(Batch batch, List<Outcome> outcomes) {
    return IntStream.range(0, batch.size()).boxed()
        .collect(Collectors.groupingBy(i -> batch.items().get(i).conversation(), Collectors
            .mapping(i -> assertInstanceOf(Outcome.Stored.class, outcomes.get(i)).place().seq(), Collectors.toList())));
  }

  @Test
  void nothing_is_stored_under_an_old_epoch_after_the_fence_moved() {
    ConversationId conversation = opened();
    long[] epoch = {1};
    List<Future<?>> writers = new ArrayList<>();
    for (Log log : logs) {
      writers.add(write(log, conversation, epoch, 150));
    }
    for (int next = 2; next <= 40; next++) {
      assertTrue(fence(conversation, next, true).isPresent());
      synchronized (epoch) {
        epoch[0] = next;
      }
    }
    writers.forEach(LogSubject::await);
    List<Row> rows = database.ask(SEQS, buffer(conversation.bytes()));
    long current = 0;
    long messages = 0;
    for (int i = 0; i < rows.size(); i++) {
      assertEquals(i + 1, rows.get(i).getLong("seq"));
      if (rows.get(i).getShort("kind") == 2) {
        current = rows.get(i).getLong("epoch");
      } else {
        messages++;
      }
      assertEquals(current, rows.get(i).getLong("epoch"), "seq " + (i + 1));
    }
    assertEquals(40, current);
    assertTrue(messages > 0);
    assertEquals(new HeadState(conversation, new Epoch(40), true, rows.size()), head(conversation));
  }

  /// Appends one after the other, each under the epoch that was current a moment ago.
  private static Future<Void> write(Log log, ConversationId conversation, long[] epoch, int count) {
    if (count == 0) {
      return Future.succeededFuture();
    }
    long guess;
    synchronized (epoch) {
      guess = epoch[0];
    }
    return log.append(new Batch(List.of(append(conversation, guess, "m"), append(conversation, guess, "n"))))
        .compose(_ -> write(log, conversation, epoch, count - 1));
  }

  @Test
  void a_try_that_waited_for_the_lock_behind_its_first_try_gets_the_first_answer() {
    for (int batch : List.of(1, 3)) {
      ConversationId conversation = opened();
      List<Append> items = IntStream.range(0, batch).mapToObj(i -> append(conversation, 1, "m" + i)).toList();
      Future<List<Outcome>> waited = whileWaiting(log(), conversation, items, _ -> Future.succeededFuture());
      List<Outcome> outcomes = LogSubject.await(waited);
      assertEquals(2, assertInstanceOf(Outcome.Duplicate.class, outcomes.getFirst()).place().seq());
      for (int i = 1; i < batch; i++) {
        assertEquals(2 + i, assertInstanceOf(Outcome.Stored.class, outcomes.get(i)).place().seq());
      }
      assertEquals(1 + batch, head(conversation).lastSeq());
    }
  }

  @Test
  void a_try_that_waited_while_the_fence_moved_gets_its_first_answer_and_others_are_refused() {
    for (boolean open : List.of(true, false)) {
      ConversationId conversation = opened();
      Append tried = append(conversation, 1, "tried");
      Append late = append(conversation, 1, "late");
      Append late2 = append(conversation, 2, "late under the new epoch");
      List<Outcome> outcomes = LogSubject.await(whileWaiting(log(), conversation, List.of(tried, late, late2),
          connection -> connection.preparedQuery(FENCE).execute(Tuple.of(buffer(conversation.bytes()), open))));
      assertEquals(2, assertInstanceOf(Outcome.Duplicate.class, outcomes.getFirst()).place().seq());
      assertEquals(new Outcome.Stale(new Epoch(2)), outcomes.get(1));
      if (open) {
        assertEquals(4, assertInstanceOf(Outcome.Stored.class, outcomes.get(2)).place().seq());
      } else {
        assertEquals(new Outcome.Closed(new Epoch(2)), outcomes.get(2));
      }
    }
  }

  @Test
  void where_the_database_isolates_more_strictly_a_try_that_waited_is_tried_again() {
    ConversationId conversation = opened();
    List<Append> items = List.of(append(conversation, 1, "first"), append(conversation, 1, "second"));
    database.ask(SET_ISOLATION.formatted("SET default_transaction_isolation = serializable"));
    StoreDatabase strict = new StoreDatabase(postgres);
    try {
      assertEquals("serializable", strict.ask("SHOW transaction_isolation").getFirst().getString(0));
      Log log = strict.newLog();
      // Now it is connected.
      Append nowhere = append(Samples.conversation(), 1, "nowhere");
      assertEquals(List.of(new Outcome.Unknown()), LogSubject.await(log.append(new Batch(List.of(nowhere)))));
      database.ask(SET_ISOLATION.formatted("RESET default_transaction_isolation"));
      List<Outcome> outcomes = LogSubject.await(whileWaiting(log, conversation, items, _ -> Future.succeededFuture()));
      assertEquals(2, assertInstanceOf(Outcome.Duplicate.class, outcomes.get(0)).place().seq());
      assertEquals(3, assertInstanceOf(Outcome.Stored.class, outcomes.get(1)).place().seq());
    } finally {
      database.ask(SET_ISOLATION.formatted("RESET default_transaction_isolation"));
      strict.close();
    }
  }

  private interface Meanwhile {
    Future<?> run(SqlConnection connection);
  }

  /// Appends while somebody else, who holds the lock on the head already, stores the first of the items.
  private Future<List<Outcome>> whileWaiting(Log log, ConversationId conversation, List<Append> items,
      Meanwhile meanwhile) {
    Append first = items.getFirst();
    SqlConnection other = LogSubject.await(database.pool().getConnection());
    LogSubject.await(other.query("BEGIN").execute());
    LogSubject.await(other.preparedQuery(INSERT).execute(
        Tuple.of(buffer(conversation.bytes()), buffer(first.uid().bytes()), buffer(first.key().device().bytes()),
            buffer(first.key().message().bytes()), buffer(first.body().bytes()), buffer(first.body().hash()))));
    LogSubject.await(other.preparedQuery(COUNT).execute(Tuple.of(buffer(conversation.bytes()))));
    Future<List<Outcome>> waiting = log.append(new Batch(items));
    awaitLockWaits(1);
    LogSubject.await(meanwhile.run(other));
    LogSubject.await(other.query("COMMIT").execute());
    LogSubject.await(other.close());
    return waiting;
  }

  private void awaitLockWaits(int count) {
    long deadline = System.nanoTime() + LogSubject.PATIENCE.toNanos();
    while (database.ask(WAITING).getFirst().getLong("waiting") < count) {
      assertTrue(System.nanoTime() < deadline, "the appends wait for the lock");
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Test
  void of_two_who_create_a_conversation_at_once_one_does() {
    for (int i = 0; i < 20; i++) {
      ConversationId conversation = Samples.conversation();
      List<Future<OptionalLong>> tries = IntStream.range(0, 4)
          .mapToObj(_ -> database.fence(conversation, 1, true, Samples.CONTROL)).toList();
      assertEquals(1, tries.stream().map(LogSubject::await).filter(OptionalLong::isPresent).count());
      assertEquals(1, head(conversation).lastSeq());
    }
  }

  @Test
  void of_two_who_move_the_fence_at_once_one_does() {
    ConversationId conversation = opened();
    for (int epoch = 2; epoch <= 20; epoch++) {
      long next = epoch;
      List<Future<OptionalLong>> tries = IntStream.range(0, 4)
          .mapToObj(_ -> database.fence(conversation, next, true, Samples.CONTROL)).toList();
      assertEquals(1, tries.stream().map(LogSubject::await).filter(OptionalLong::isPresent).count());
      assertEquals(new HeadState(conversation, new Epoch(epoch), true, epoch), head(conversation));
    }
  }
}
