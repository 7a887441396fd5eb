// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.LogSubject.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.bus.wire.EpochRange;
import io.e2relay.protocol.bus.wire.HeadsCall;
import io.e2relay.protocol.bus.wire.HeadsReply;
import io.e2relay.protocol.bus.wire.ProbeCall;
import io.e2relay.protocol.bus.wire.ReadCall;
import io.e2relay.protocol.bus.wire.ReadReply;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Message;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/// What is said on the bus.
@ExtendWith(BackingExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class StoreVerticleIT {
  private static final ByteString SHORT = Samples.filled(15, 1);
  private static final ByteString HELLO = ByteString.copyFromUtf8("hello");

  private final Postgres postgres;
  private final StoreDatabase database;
  private final StoreNode node;

  StoreVerticleIT(Postgres postgres) {
    this.postgres = postgres;
    database = new StoreDatabase(postgres);
    node = patient(Map.of("store.body.bytes", "1000", "store.page.entries", "10", "store.heads", "3"));
  }

  /// A store for which no machine is too slow.
  private StoreNode patient(Map<String, String> config) {
    Map<String, String> patient = new HashMap<>(config);
    for (String limit : List.of("append.deadline", "read.deadline", "connect.timeout", "statement.timeout")) {
      patient.put("store." + limit + ".ms", "10000");
    }
    return new StoreNode(postgres, patient);
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

  private ReadReply read(ReadCall.Builder call) {
    return await(node.bus().ask(Calls.READ, call.build()));
  }

  private static ReadCall.Builder all(ConversationId conversation) {
    return ReadCall.newBuilder().setConversationId(conversation.bytes())
        .addReadable(EpochRange.newBuilder().setFrom(1));
  }

  @Test
  void a_message_is_stored_told_to_the_relays_and_read_back() {
    ConversationId conversation = opened();
    ByteString id = Samples.msgId().bytes();
    AppendReply reply = await(node.send(conversation, 1, id, HELLO));
    assertEquals(2, reply.getSent().getSeq());
    assertEquals(1, reply.getSent().getEpoch());
    assertFalse(reply.getSent().getDuplicate());
    Entry stored = Entry.newBuilder()
        .setMessage(Message.newBuilder().setConversationId(conversation.bytes()).setSeq(2).setEpoch(1)
            .setUid(Samples.ALICE.bytes()).setDeviceId(Samples.PHONE.bytes()).setMsgId(id)
            .setReceivedMs(reply.getSent().getReceivedMs()).setBody(HELLO))
        .build();
    assertEquals(stored, read(all(conversation)).getPage().getEntries(1));
    AppendReply again = await(node.send(conversation, 1, id, HELLO));
    assertEquals(reply.getSent().toBuilder().setDuplicate(true).build(), again.getSent());
    // Once the hint of a later commit has arrived, one of the duplicate would have.
    long later = await(node.send(conversation)).getSent().getSeq();
    long deadline = System.nanoTime() + LogSubject.PATIENCE.toNanos();
    while (told(conversation).stream().noneMatch(seq -> seq == later)) {
      assertTrue(System.nanoTime() < deadline, "the relays are told");
      LockSupport.parkNanos(1_000_000);
    }
    assertEquals(1, node.news().stream().filter(stored::equals).count());
    assertEquals(List.of(2L, later), told(conversation));
  }

  /// The places of the messages of this conversation that the relays were told of.
  private List<Long> told(ConversationId conversation) {
    return node.news().stream().filter(entry -> entry.getMessage().getConversationId().equals(conversation.bytes()))
        .map(entry -> entry.getMessage().getSeq()).toList();
  }

  @Test
  void every_refusal_has_its_code() {
    ConversationId conversation = opened();
    ByteString id = Samples.msgId().bytes();
    assertTrue(await(node.send(conversation, 1, id, HELLO)).hasSent());
    assertEquals(ErrorCode.DUPLICATE_DIFFERS,
        StoreNode.code(await(node.send(conversation, 1, id, ByteString.copyFromUtf8("other")))));
    assertEquals(ErrorCode.NOT_A_MEMBER, StoreNode.code(await(node.send(Samples.conversation()))));
    await(database.fence(conversation, 2, true, Samples.CONTROL));
    AppendReply stale = await(node.send(conversation));
    assertEquals(ErrorCode.STALE_EPOCH, StoreNode.code(stale));
    assertEquals(2, stale.getRefusal().getCurrentEpoch());
    await(database.fence(conversation, 3, false, Samples.CONTROL));
    AppendReply closed = await(node.send(conversation, 3, Samples.msgId().bytes(), HELLO));
    assertEquals(ErrorCode.EPOCH_CLOSED, StoreNode.code(closed));
    assertEquals(3, closed.getRefusal().getCurrentEpoch());
  }

  @Test
  void what_is_not_a_message_is_malformed() {
    ConversationId conversation = opened();
    assertEquals(ErrorCode.MALFORMED, StoreNode.code(await(node.send(conversation, 1, SHORT, HELLO))));
    assertEquals(ErrorCode.MALFORMED,
        StoreNode.code(await(node.send(conversation, 0, Samples.msgId().bytes(), HELLO))));
    assertEquals(ErrorCode.MALFORMED,
        StoreNode.code(await(node.send(conversation, -1, Samples.msgId().bytes(), HELLO))));
    assertTrue(await(node.send(conversation, 1, Samples.msgId().bytes(), HELLO)).hasSent());
    assertEquals(ErrorCode.MALFORMED, ErrorCode.of(read(ReadCall.newBuilder().setConversationId(SHORT)).getRefusal()));
    HeadsReply heads = await(node.bus().ask(Calls.HEADS, HeadsCall.newBuilder().addConversationIds(SHORT).build()));
    assertEquals(ErrorCode.MALFORMED, ErrorCode.of(heads.getRefusal()));
  }

  @Test
  void a_body_at_the_limit_is_stored_and_one_byte_more_is_not() {
    ConversationId conversation = opened();
    assertTrue(await(node.send(conversation, 1, Samples.msgId().bytes(), Samples.filled(1_000, 1))).hasSent());
    assertEquals(ErrorCode.TOO_LARGE,
        StoreNode.code(await(node.send(conversation, 1, Samples.msgId().bytes(), Samples.filled(1_001, 1)))));
  }

  @Test
  void a_page_has_as_many_entries_as_asked_for_but_no_more_than_the_limit() {
    ConversationId conversation = opened();
    List<Future<AppendReply>> sent = IntStream.range(0, 12).mapToObj(_ -> node.send(conversation)).toList();
    sent.forEach(LogSubject::await);
    assertEquals(4, read(all(conversation).setLimit(4)).getPage().getEntriesCount());
    assertEquals(10, read(all(conversation).setLimit(10)).getPage().getEntriesCount());
    assertEquals(10, read(all(conversation).setLimit(11)).getPage().getEntriesCount());
    assertEquals(10, read(all(conversation)).getPage().getEntriesCount());
    assertEquals(3, read(all(conversation).setAfterSeq(10)).getPage().getEntriesCount());
    assertEquals(2, read(all(conversation).setAfterSeq(3).setUptoSeq(5)).getPage().getEntriesCount());
  }

  @Test
  void a_conversation_that_does_not_exist_cannot_be_read() {
    assertEquals(ErrorCode.NOT_A_MEMBER, ErrorCode.of(read(all(Samples.conversation())).getRefusal()));
  }

  @Test
  void heads_are_told_up_to_a_limit() {
    HeadsCall.Builder call = HeadsCall.newBuilder().addConversationIds(opened().bytes())
        .addConversationIds(Samples.conversation().bytes()).addConversationIds(opened().bytes());
    HeadsReply heads = await(node.bus().ask(Calls.HEADS, call.build()));
    assertEquals(2, heads.getHeadsCount());
    assertEquals(List.of(1L, 1L), heads.getHeadsList().stream().map(head -> head.getLastSeq()).toList());
    HeadsReply many = await(node.bus().ask(Calls.HEADS, call.addConversationIds(opened().bytes()).build()));
    assertEquals(ErrorCode.LIMIT_EXCEEDED, ErrorCode.of(many.getRefusal()));
  }

  @Test
  void the_probe_says_durable() {
    assertTrue(await(node.bus().ask(Calls.PROBE, ProbeCall.getDefaultInstance())).getProbe().getDurable());
  }

  @Test
  void the_probe_says_not_durable_where_commits_do_not_wait_for_the_disk() {
    // The database's own setting, so that no other test's database is touched.
    database.ask("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); "
        + "END $$");
    StoreNode other = patient(Map.of());
    try {
      assertFalse(await(other.bus().ask(Calls.PROBE, ProbeCall.getDefaultInstance())).getProbe().getDurable());
    } finally {
      database.ask(
          "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET synchronous_commit', current_database()); " + "END $$");
      other.close();
    }
  }

  @Test
  void messages_of_one_sender_keep_their_order() {
    ConversationId conversation = opened();
    List<Future<AppendReply>> sent = IntStream.range(0, 500).mapToObj(_ -> node.send(conversation)).toList();
    assertEquals(LongStream.rangeClosed(2, 501).boxed().toList(),
        sent.stream().map(reply -> await(reply).getSent().getSeq()).toList());
  }

  @Test
  void what_is_on_the_way_when_the_store_stops_is_answered() {
    ConversationId conversation = opened();
    StoreNode stopping = patient(Map.of());
    try {
      Future<AppendReply> reply = stopping.send(conversation);
      Future<Void> stopped = stopping.undeploy();
      assertTrue(await(reply).hasSent());
      await(stopped);
    } finally {
      stopping.close();
    }
  }
}
