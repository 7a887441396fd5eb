// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.LogSubject.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.backing.BackingProcesses;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.bus.wire.EpochRange;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.protocol.bus.wire.ProbeCall;
import io.e2relay.protocol.bus.wire.ReadCall;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/// PostgreSQL stands still, dies and comes back; the store stays.
@ExtendWith(BackingExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class StoreFaultIT {
  private static final Duration REFUSED_WITHIN = Duration.ofSeconds(2);
  private static final Duration WORKS_AGAIN_WITHIN = Duration.ofSeconds(5);
  private static final ByteString BODY = ByteString.copyFromUtf8("hello");
  private static final String PLACES = """
      SELECT seq, msg_id FROM store.entry WHERE conversation_id = $1::bytea AND kind = 1 ORDER BY seq""";
  private static final String COUNTS = """
      SELECT h.last_seq, (SELECT count(*) FROM store.entry AS e WHERE e.conversation_id = h.conversation_id) AS entries
      FROM store.head AS h""";

  private final BackingProcesses processes;
  private StoreDatabase database;
  private final StoreNode node;

  StoreFaultIT(BackingProcesses processes) {
    this.processes = processes;
    database = new StoreDatabase(processes.postgres());
    node = new StoreNode(processes.postgres(), Map.of());
  }

  @AfterAll
  void close() {
    node.close();
    database.close();
  }

  private ConversationId opened() {
    ConversationId conversation = Samples.conversation();
    await(database.fence(conversation, 1, true, Samples.CONTROL));
    return conversation;
  }

  private Future<Refusal> read(ConversationId conversation) {
    return node.bus().ask(Calls.READ, ReadCall.newBuilder().setConversationId(conversation.bytes())
        .addReadable(EpochRange.newBuilder().setFrom(1)).build()).map(reply -> reply.getRefusal());
  }

  private Future<Refusal> heads(ConversationId conversation) {
    return node.bus().ask(Calls.HEADS, HeadsCall.newBuilder().addConversationIds(conversation.bytes()).build())
        .map(reply -> reply.getRefusal());
  }

  private Future<Refusal> probe() {
    return node.bus().ask(Calls.PROBE, ProbeCall.getDefaultInstance()).map(reply -> reply.getRefusal());
  }

  /// Asks everything at once, and sees each refused in time.
  private void everythingIsRefusedInTime(List<ConversationId> conversations) {
    List<Future<Refusal>> answers = new ArrayList<>();
    for (ConversationId conversation : conversations) {
      answers.add(node.send(conversation).map(AppendReply::getRefusal));
      answers.add(read(conversation));
      answers.add(heads(conversation));
      answers.add(probe());
    }
    for (Future<Refusal> answer : answers) {
      assertEquals(ErrorCode.UNAVAILABLE.number(), inTime(answer, REFUSED_WITHIN).getCode());
    }
  }

  private static <T> T inTime(Future<T> answer, Duration limit) {
    try {
      return answer.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (Exception e) {
      throw new AssertionError("no answer within " + limit, e);
    }
  }

  /// Repeats the message until it is stored, as a client would.
  private AppendReply stored(ConversationId conversation, ByteString message, long deadline) {
    while (true) {
      AppendReply reply = await(node.send(conversation, 1, message, BODY));
      if (reply.hasSent()) {
        return reply;
      }
      assertEquals(ErrorCode.UNAVAILABLE, StoreNode.code(reply));
      assertTrue(System.nanoTime() < deadline, "works again within " + WORKS_AGAIN_WITHIN);
    }
  }

  private void everythingWorksAgainInTime(List<ConversationId> conversations) {
    long deadline = System.nanoTime() + WORKS_AGAIN_WITHIN.toNanos();
    for (ConversationId conversation : conversations) {
      stored(conversation, Samples.msgId().bytes(), deadline);
      for (Future<Refusal> answer : List.of(read(conversation), heads(conversation), probe())) {
        assertEquals(0, await(answer).getCode());
      }
    }
    assertTrue(System.nanoTime() < deadline, "works again within " + WORKS_AGAIN_WITHIN);
  }

  private void everySeqIsThereOnce() {
    for (Row row : database.ask(COUNTS)) {
      assertEquals(row.getLong("last_seq"), row.getLong("entries"));
    }
  }

  @Test
  void frozen_postgresql_refuses_in_time_and_works_again_when_it_goes_on() {
    List<ConversationId> conversations = IntStream.range(0, 8).mapToObj(_ -> opened()).toList();
    everythingWorksAgainInTime(conversations);
    processes.freezePostgres();
    try {
      for (int round = 0; round < 3; round++) {
        everythingIsRefusedInTime(conversations);
      }
    } finally {
      processes.thawPostgres();
    }
    everythingWorksAgainInTime(conversations);
    everySeqIsThereOnce();
  }

  @Test
  void killed_postgresql_refuses_in_time_and_works_again_when_it_is_back() {
    List<ConversationId> conversations = IntStream.range(0, 8).mapToObj(_ -> opened()).toList();
    everythingWorksAgainInTime(conversations);
    processes.killPostgres();
    everythingIsRefusedInTime(conversations);
    everythingIsRefusedInTime(conversations);
    processes.startPostgres();
    everythingWorksAgainInTime(conversations);
    renewDatabase();
    everySeqIsThereOnce();
  }

  private void renewDatabase() {
    database.close();
    database = new StoreDatabase(processes.postgres());
  }

  @Test
  void every_message_repeated_through_faults_is_stored_once_and_every_acknowledged_one_is_there() {
    ConversationId conversation = opened();
    List<ByteString> messages = IntStream.range(0, 60).mapToObj(_ -> Samples.msgId().bytes()).toList();
    Map<ByteString, Long> acknowledged = new HashMap<>();
    for (int round = 0; round < 3; round++) {
      // The tries are on the way when PostgreSQL stops; some are stored, all may be refused.
      messages.forEach(message -> node.send(conversation, 1, message, BODY));
      if (round == 1) {
        processes.killPostgres();
        processes.startPostgres();
      } else {
        processes.freezePostgres();
        everythingIsRefusedInTime(List.of(conversation));
        processes.thawPostgres();
      }
      long deadline = System.nanoTime() + WORKS_AGAIN_WITHIN.toNanos();
      for (ByteString message : messages) {
        long seq = stored(conversation, message, deadline).getSent().getSeq();
        assertEquals(acknowledged.getOrDefault(message, seq), seq);
        acknowledged.put(message, seq);
      }
    }
    renewDatabase();
    Map<ByteString, Long> places = new HashMap<>();
    for (Row row : database.ask(PLACES, StoreDatabase.buffer(conversation.bytes()))) {
      places.put(ByteString.copyFrom(row.getBuffer("msg_id").getBytes()), row.getLong("seq"));
    }
    acknowledged.forEach((message, seq) -> assertEquals(seq, places.get(message)));
    everySeqIsThereOnce();
  }
}
