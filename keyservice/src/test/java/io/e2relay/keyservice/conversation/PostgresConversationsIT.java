// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.e2relay.backing.BackingExtension;
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
final class PostgresConversationsIT implements ConversationsContract {
  private final Vertx vertx = Vertx.vertx();
  private final PostgresSessions sessions;
  private final Conversations conversations;

  PostgresConversationsIT(Postgres postgres) {
    KeySchemas.migrate(postgres);
    sessions = new PostgresSessions(vertx, postgres, new PostgresSessions.Bounds(4, 100, Duration.ofSeconds(10)));
    conversations = new PostgresConversations(sessions, new Membership(MEMBERS_MAX), LIST_MEMBERS_MAX, EpochHooks.NONE);
  }

  @AfterAll
  void close() throws TimeoutException {
    sessions.close().await(10, SECONDS);
    vertx.close().await(10, SECONDS);
  }

  @Override
  public Conversations conversations() {
    return conversations;
  }
}
