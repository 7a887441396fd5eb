// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.account.PostgresAccounts;
import io.e2relay.keyservice.conversation.Conversations;
import io.e2relay.keyservice.conversation.EpochHooks;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.conversation.PostgresConversations;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.record.EpochReason;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// The largest conversation there is, with an account and a wrap for each of its members.
@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresLargeEpochIT {
  private static final long NOW = EpochsContract.NOW;
  private static final int MEMBERS = 1_000;
  private static final int ROTATIONS = 10;

  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;
  private final Epochs epochs;
  private final Conversations conversations;
  private final Accounts accounts;

  PostgresLargeEpochIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(8, 2_000, Duration.ofSeconds(60)));
    epochs = new PostgresEpochs(sessions, MEMBERS, EpochHooks.NONE);
    conversations = new PostgresConversations(sessions, new Membership(MEMBERS), MEMBERS, EpochHooks.NONE);
    accounts = new PostgresAccounts(sessions);
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Test
  void a_thousand_members_get_each_epochs_key() throws Exception {
    List<Holder> members = holders();
    Draft draft = Draft.group(members.getFirst(), members.subList(1, MEMBERS).toArray(Holder[]::new));
    assertInstanceOf(Founding.Founded.class, epochs.found(draft.foundation(), Owner.random(16), NOW));
    List<Long> micros = new ArrayList<>();
    for (int i = 0; i < ROTATIONS; i++) {
      draft = draft.next();
      EpochPut put = draft.put();
      long start = System.nanoTime();
      assertInstanceOf(Opening.Opened.class, epochs.put(put, NOW));
      micros.add((System.nanoTime() - start) / 1_000);
    }
    Holder last = members.getLast();
    assertEquals(ROTATIONS + 1, ((Epochs.Keyring.Wraps) epochs.wraps(draft.id(), last.uid(), 0)).wraps().size());
    assertInstanceOf(Outcome.Changed.class, conversations.change(draft.id(),
        new Request.Remove(members.getFirst().uid(), Set.of(last.uid()), Owner.random(16), Proof.DEVICE)));
    assertInstanceOf(Opening.Opened.class, epochs.put(draft.next(EpochReason.REMOVED).without(last.uid()).put(), NOW));
    IO.println("shown: large-epoch members=%d rotations=%d wrap-bytes=%d median_us=%d".formatted(MEMBERS, ROTATIONS,
        MEMBERS * draft.wraps.get().getFirst().size(), micros.stream().sorted().toList().get(ROTATIONS / 2)));
  }

  private List<Holder> holders() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Holder>> made = new ArrayList<>();
      for (int i = 0; i < MEMBERS; i++) {
        made.add(threads.submit(() -> Holder.in(accounts, EpochsContract.TENANT, NOW)));
      }
      List<Holder> holders = new ArrayList<>();
      for (Future<Holder> holder : made) {
        holders.add(holder.get());
      }
      return holders;
    }
  }
}
