// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.account.PostgresAccounts;
import io.e2relay.keyservice.backup.Locksmith;
import io.e2relay.keyservice.backup.Peppers;
import io.e2relay.keyservice.backup.PostgresBackups;
import io.e2relay.keyservice.conversation.PostgresConversations;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.self.PostgresSelfBlobs;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.config.Postgres;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The key service on virtual threads: deploy with [ThreadingModel#VIRTUAL_THREAD], for its tasks wait.
public final class KeyVerticle extends VerticleBase {
  private final Bus bus;
  private final KeyConfig config;
  private final Postgres postgres;
  private final Peppers peppers;
  private final KeyMetrics metrics;
  private List<Bus.Registration> registrations = List.of();
  private @Nullable PostgresSessions sessions;

  public KeyVerticle(Bus bus, KeyConfig config, Postgres postgres, Peppers peppers, KeyMetrics metrics) {
    this.bus = bus;
    this.config = config;
    this.postgres = postgres;
    this.peppers = peppers;
    this.metrics = metrics;
  }

  @Override
  public Future<?> start() {
    if (context.threadingModel() != ThreadingModel.VIRTUAL_THREAD) {
      return Future.failedFuture(new IllegalStateException("the key service needs virtual threads"));
    }
    PostgresSessions lent = new PostgresSessions(vertx, postgres,
        new PostgresSessions.Bounds(config.poolSize(), config.poolWaitingMax(), config.timeout()));
    sessions = lent;
    PostgresConversations conversations = new PostgresConversations(lent, new Membership(config.membersMax()),
        config.listMembersMax());
    KeyNews news = new KeyNews(bus, config.detachTimeout(), metrics);
    AccountAnswers accounts = new AccountAnswers(new PostgresAccounts(lent), news, InstantSource.system());
    return new KeyDesk(bus, context, metrics).open(new KeyAnswers(conversations, accounts, news, new SecureRandom()),
        accounts, new BackupAnswers(new PostgresBackups(lent, new Locksmith(peppers)), metrics, InstantSource.system()),
        new SelfAnswers(new PostgresSelfBlobs(lent))).onSuccess(open -> registrations = open);
  }

  @Override
  public Future<?> stop() {
    return Future.join(registrations.stream().map(Bus.Registration::unregister).toList())
        .eventually(() -> sessions == null ? Future.succeededFuture() : sessions.close());
  }
}
