// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.account.Accounts;
import io.e2relay.keyservice.account.PostgresAccounts;
import io.e2relay.keyservice.account.PostgresUserStates;
import io.e2relay.keyservice.backup.Backups;
import io.e2relay.keyservice.backup.Locksmith;
import io.e2relay.keyservice.backup.Peppers;
import io.e2relay.keyservice.backup.PostgresBackups;
import io.e2relay.keyservice.conversation.PostgresConversations;
import io.e2relay.keyservice.database.PostgresSessions;
import io.e2relay.keyservice.epoch.PostgresEpochs;
import io.e2relay.keyservice.grant.PostgresGrants;
import io.e2relay.keyservice.jobs.PostgresWaiting;
import io.e2relay.keyservice.jobs.PostgresWrapJobs;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.self.PostgresSelfBlobs;
import io.e2relay.keyservice.turn.PostgresTurns;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.config.Postgres;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
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
  private @Nullable KeyTurns turns;

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
    PostgresWaiting waiting = new PostgresWaiting(metrics::readable);
    PostgresConversations conversations = new PostgresConversations(lent, new Membership(config.membersMax()),
        config.listMembersMax(), waiting);
    PostgresWrapJobs jobs = new PostgresWrapJobs(lent);
    WrapJobOffers offers = new WrapJobOffers(jobs, bus, context);
    KeyNews news = new KeyNews(bus, config.detachTimeout(), metrics, offers::soon);
    Accounts accounts = new PostgresAccounts(lent);
    Backups backups = new PostgresBackups(lent, new Locksmith(peppers));
    InstantSource clock = InstantSource.system();
    KeyTurns worker = new KeyTurns(new PostgresTurns(lent), accounts, news, metrics, context);
    turns = worker;
    DeviceAnswers devices = new DeviceAnswers(accounts, backups, news, clock, config.deviceIdle());
    EpochAnswers epochs = new EpochAnswers(new PostgresEpochs(lent, config.membersMax(), waiting), news, clock);
    KeyDesk desk = new KeyDesk(bus, context, metrics);
    return desk
        .open(new KeyAnswers(conversations, devices, epochs, news, new SecureRandom()),
            new AccountAnswers(accounts, news, worker::call, clock), devices,
            new BackupAnswers(backups, accounts, metrics, clock), new SelfAnswers(new PostgresSelfBlobs(lent)), epochs,
            new JobAnswers(jobs, new PostgresGrants(lent), news))
        .compose(open -> desk.open(new StateAnswers(new PostgresUserStates(lent)))
            .map(last -> Stream.concat(open.stream(), Stream.of(last)).toList()))
        .onSuccess(open -> {
          registrations = open;
          offers.begin();
          worker.begin();
        });
  }

  @Override
  public Future<?> stop() {
    Future<?> resting = turns == null ? Future.succeededFuture() : turns.stop();
    return Future.join(registrations.stream().map(Bus.Registration::unregister).toList()).eventually(() -> resting)
        .eventually(() -> sessions == null ? Future.succeededFuture() : sessions.close());
  }
}
