// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static io.e2relay.keyservice.conversation.ConversationsContract.freshName;
import static io.e2relay.keyservice.conversation.ConversationsContract.freshUser;
import static io.e2relay.keyservice.conversation.ConversationsContract.unique;
import static io.e2relay.keyservice.conversation.ConversationsContract.wish;
import static io.e2relay.keyservice.membership.Named.OTHER_TENANT;
import static io.e2relay.keyservice.membership.Named.TENANT;
import static io.e2relay.keyservice.membership.Named.secret;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.database.Columns;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Creation;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Control;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Many changes at once: PostgreSQL puts them in an order, and everything kept agrees with that order.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresConcurrencyIT {
  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;
  private final Conversations conversations;

  PostgresConcurrencyIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(16, 200, Duration.ofSeconds(30)));
    conversations = new PostgresConversations(sessions, new Membership(1000), 2000, EpochHooks.NONE);
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Test
  void fifty_changes_at_once_make_one_history() throws Exception {
    Uid admin = freshUser();
    List<Uid> early = users(20);
    ConversationId id = create(admin, early);
    List<Callable<Outcome>> changes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Uid some = early.get(i % early.size());
      Request request = switch (i % 5) {
        case 0 -> new Request.Add(admin, Set.copyOf(users(2)), Proof.TOKEN);
        case 1 -> new Request.Remove(admin, Set.of(some), secret(1), Proof.TOKEN);
        case 2 -> new Request.Join(freshUser(), TENANT, secret(1));
        case 3 -> new Request.Leave(some, Proof.TOKEN);
        case 4 -> new Request.Add(some, Set.of(freshUser(), early.get((i + 7) % early.size())), Proof.TOKEN);
        default -> throw new AssertionError();
      };
      changes.add(() -> conversations.change(id, request));
    }
    List<Outcome> outcomes = atOnce(changes);

    Map<Long, List<Member>> told = new TreeMap<>();
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Changed changed) {
        assertNull(
            told.put(changed.now().conversation().epoch().value(), changed.now().conversation().roster().members()),
            "two changes began one epoch");
        assertEquals(changed.now().conversation().epoch().value(), changed.news().control().getSeq());
      }
    }
    assertTrue(told.size() >= 30, told.size() + " changes");
    assertEquals(IntStream.range(0, told.size()).mapToObj(n -> n + 2L).toList(), List.copyOf(told.keySet()));
    told.forEach((epoch, members) -> assertRoster(id, epoch, members));
    assertNull(conversations.roster(id, new Epoch(told.size() + 2)));
    assertControls(id, told.size() + 1);
  }

  @Test
  void changes_of_several_conversations_with_the_same_users_do_not_stop_each_other() throws Exception {
    Uid admin = freshUser();
    List<Uid> users = users(30);
    List<ConversationId> ids = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      ids.add(create(admin, List.of()));
    }
    List<Callable<Outcome>> changes = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      ConversationId id = ids.get(i % 4);
      Set<Uid> some = new HashSet<>(
          List.of(users.get(i % 30), users.get((i * 7 + 3) % 30), users.get((i * 11 + 5) % 30)));
      Request request = i % 3 == 2
          ? new Request.Remove(admin, some, secret(1), Proof.TOKEN)
          : new Request.Add(admin, some, Proof.TOKEN);
      changes.add(() -> conversations.change(id, request));
    }
    long changed = atOnce(changes).stream().filter(Outcome.Changed.class::isInstance).count();
    long epochs = 0;
    for (ConversationId id : ids) {
      View view = conversations.view(id, admin);
      assertNotNull(view);
      epochs += view.conversation().epoch().value() - 1;
    }
    assertEquals(changed, epochs);
  }

  @Test
  void the_same_creation_many_times_at_once_makes_one_conversation() throws Exception {
    Uid creator = freshUser();
    Creation first = wish(creator, freshUser());
    List<Callable<Outcome>> tries = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Creation again = new Creation(new ConversationId(unique(32)), first.terms(), creator, first.others(),
          first.requestId(), secret(i));
      tries.add(() -> conversations.create(again));
    }
    List<Outcome> outcomes = atOnce(tries);
    List<ConversationId> ids = outcomes.stream().map(outcome -> switch (outcome) {
      case Outcome.Changed changed -> changed.now().conversation().id();
      case Outcome.Unchanged unchanged -> unchanged.now().conversation().id();
      case Outcome.Refused refused -> throw new AssertionError(refused);
    }).distinct().toList();
    assertEquals(1, ids.size());
    assertEquals(1, outcomes.stream().filter(Outcome.Changed.class::isInstance).count());
    assertEquals(1, conversations.list(creator, null, 100).conversations().size());
  }

  @Test
  void who_connects_while_another_tenant_adds_them_ends_outside() throws Exception {
    Uid admin = freshUser();
    ConversationId id = create(admin, List.of());
    for (int round = 0; round < 10; round++) {
      String name = freshName();
      Uid foreigner = Ids.uid(OTHER_TENANT, name);
      atOnce(List.of(() -> conversations.change(id, new Request.Add(admin, Set.of(foreigner), Proof.TOKEN)), () -> {
        while (conversations.signIn(OTHER_TENANT, foreigner, name) instanceof SignIn.Astray astray) {
          astray.conversations()
              .forEach(where -> conversations.change(where, new Request.Leave(foreigner, Proof.TOKEN)));
        }
        return new Outcome.Refused(ErrorCode.NOT_ALLOWED);
      }));
      assertNull(conversations.standing(id, foreigner));
    }
    assertNotNull(conversations.standing(id, admin));
  }

  private void assertRoster(ConversationId id, long epoch, List<Member> members) {
    ActiveRoster roster = conversations.roster(id, new Epoch(epoch));
    assertNotNull(roster);
    assertEquals(members.stream().map(Member::uid).toList(), roster.uids());
    // The table itself, roles included, read without the code under test.
    List<Member> rows = sessions.with(session -> {
      List<Member> read = new ArrayList<>();
      for (Row row : session.run("""
          SELECT uid, role, state FROM keys.member WHERE conversation_id = $1::bytea
            AND $2::bigint BETWEEN from_epoch AND coalesce(to_epoch, $2::bigint)""", Columns.buffer(id.bytes()),
          epoch)) {
        Uid uid = Columns.uid(row, "uid");
        read.add(new Member(Objects.requireNonNull(uid), Columns.role(row), Columns.state(row)));
      }
      return read;
    });
    assertEquals(members, new Roster(rows).members());
  }

  private void assertControls(ConversationId id, int count) throws InvalidProtocolBufferException {
    List<Row> rows = sessions.with(session -> {
      List<Row> all = new ArrayList<>();
      session.run("""
          SELECT seq, epoch, control FROM store.stand_in_control WHERE conversation_id = $1::bytea ORDER BY seq""",
          Columns.buffer(id.bytes())).forEach(all::add);
      return all;
    });
    assertEquals(count, rows.size());
    for (int i = 0; i < count; i++) {
      assertEquals(i + 1L, rows.get(i).getLong("seq"));
      assertEquals(i + 1L, rows.get(i).getLong("epoch"));
      Control control = Control.parseFrom(rows.get(i).getBuffer("control").getBytes());
      assertEquals(id.bytes(), control.getConversationId());
      assertTrue(control.getChangesCount() > 0);
    }
  }

  private ConversationId create(Uid admin, List<Uid> others) {
    Creation wish = wish(admin, others.toArray(Uid[]::new));
    assertTrue(conversations.create(wish) instanceof Outcome.Changed);
    return wish.id();
  }

  private static List<Uid> users(int count) {
    return IntStream.range(0, count).mapToObj(_ -> freshUser()).toList();
  }

  private static List<Outcome> atOnce(List<Callable<Outcome>> tasks) throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Outcome> outcomes = new ArrayList<>();
      for (java.util.concurrent.Future<Outcome> future : threads.invokeAll(tasks)) {
        outcomes.add(future.get());
      }
      return outcomes;
    }
  }
}
