// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.e2relay.backing.BackingExtension;
import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.PostgresAccounts;
import io.e2relay.keyservice.conversation.Conversations;
import io.e2relay.keyservice.conversation.EpochHooks;
import io.e2relay.keyservice.conversation.KeySchemas;
import io.e2relay.keyservice.conversation.PostgresConversations;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.protocol.config.Postgres;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BackingExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PostgresEpochsIT implements UpgradesContract, ResetsContract {
  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;
  private final Epochs epochs;
  private final Conversations conversations;
  private final Accounts accounts;

  PostgresEpochsIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(8, 100, Duration.ofSeconds(10)));
    epochs = new PostgresEpochs(sessions, MEMBERS_MAX, EpochHooks.NONE);
    conversations = new PostgresConversations(sessions, new Membership(MEMBERS_MAX), 1000, EpochHooks.NONE);
    accounts = new PostgresAccounts(sessions);
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Override
  public Epochs epochs() {
    return epochs;
  }

  @Override
  public Conversations conversations() {
    return conversations;
  }

  @Override
  public Accounts accounts() {
    return accounts;
  }
}
