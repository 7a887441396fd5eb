// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.jobs;

import static io.e2relay.keyservice.database.Columns.buffer;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.PostgresAccounts;
import io.e2relay.keyservice.account.Stored;
import io.e2relay.keyservice.conversation.Conversations;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.PostgresConversations;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.epoch.EpochPut;
import io.e2relay.keyservice.epoch.Epochs;
import io.e2relay.keyservice.epoch.Foundation;
import io.e2relay.keyservice.epoch.Founding;
import io.e2relay.keyservice.epoch.Opening;
import io.e2relay.keyservice.epoch.PostgresEpochs;
import io.e2relay.keyservice.grant.PostgresGrants;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// A database with all that changes who waits for a key in it.
public final class Keeper implements AutoCloseable {
  public final Accounts accounts;
  public final Conversations conversations;
  public final Epochs epochs;
  public final PostgresWrapJobs jobs;
  public final PostgresGrants grants;
  /// How long those waited who have a key now.
  final Queue<Duration> waited = new ConcurrentLinkedQueue<>();
  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;

  public Keeper(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(16, 2_000, Duration.ofSeconds(60)));
    PostgresWaiting waiting = new PostgresWaiting(waited::add);
    accounts = new PostgresAccounts(sessions);
    conversations = new PostgresConversations(sessions, new Membership(1_000), 2_000, waiting);
    epochs = new PostgresEpochs(sessions, 1_000, waiting);
    jobs = new PostgresWrapJobs(sessions);
    grants = new PostgresGrants(sessions);
  }

  /// Puts the newest record of each.
  public void register(Person... people) {
    Stream.of(people)
        .forEach(person -> assertInstanceOf(Stored.Now.class, accounts.put(person.put(), person.owner.now())));
  }

  public Room found(Room room, Person by) {
    EpochRecord record = room.sign(by, EpochReason.CREATED);
    assertInstanceOf(Founding.Founded.class,
        epochs.found(new Foundation(by.author(), room.genesis, Room.sealed(record)), Owner.random(16), by.owner.now()));
    room.taken(record);
    return room;
  }

  public EpochRecord next(Room room, Person by, EpochReason reason) {
    EpochRecord record = room.sign(by, reason);
    Opening opening = put(room, by, record);
    assertInstanceOf(Opening.Opened.class, opening);
    return room.taken(record);
  }

  Opening put(Room room, Person by, EpochRecord record) {
    return epochs.put(new EpochPut(by.author(), room.id(), Room.sealed(record)), by.owner.now());
  }

  public void remove(Room room, Person by, Person gone) {
    assertInstanceOf(Outcome.Changed.class, conversations.change(room.id(),
        new Request.Remove(by.uid(), Set.of(gone.uid()), Named.secret(1), Proof.DEVICE)));
    room.without(gone);
  }

  public List<WrapJob> take(Person holder) {
    return jobs.take(holder.holder(), WrapJobRules.JOBS_MAX);
  }

  /// As if so much time had passed: leases and offers come earlier.
  public void pass(ConversationId room, Duration time) {
    change("""
        UPDATE keys.wrap_job SET lease_until_ms = lease_until_ms - $2::bigint, offer_ms = offer_ms - $2::bigint
        WHERE conversation_id = $1::bytea""", buffer(room.bytes()), time.toMillis());
  }

  public int rows(ConversationId room) {
    return ((Number) count("SELECT count(*) AS count FROM keys.wrap_job WHERE conversation_id = $1::bytea",
        buffer(room.bytes()))).intValue();
  }

  public long count(String sql, Object... arguments) {
    return sessions.with(session -> {
      Row row = Objects.requireNonNull(session.first(sql, arguments));
      return row.getLong("count");
    });
  }

  private void change(String sql, Object... arguments) {
    sessions.with(session -> session.run(sql, arguments));
  }

  public static <T> List<T> atOnce(List<Callable<T>> tasks) throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (java.util.concurrent.Future<T> future : threads.invokeAll(tasks)) {
        results.add(future.get());
      }
      assertEquals(tasks.size(), results.size());
      return results;
    }
  }

  @Override
  public void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }
}
