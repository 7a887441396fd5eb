// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import static io.gatling.javaapi.core.CoreDsl.doIfOrElse;
import static io.gatling.javaapi.core.CoreDsl.during;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/// Again and again all listeners lose their connection at once and come back from where they were, while the first of
/// each group goes on sending.
public final class ReconnectStorm extends Simulation {
  private static final int USERS = 100;
  private static final int GROUP_SIZE = 10;
  private static final double MESSAGES_PER_SECOND = 1;
  private static final int EVERY_MS = 5_000;

  private final Load load = Load.of(USERS, GROUP_SIZE, MESSAGES_PER_SECOND);
  private final Chat chat = new Chat("reconnectstorm", load);

  public ReconnectStorm() {
    setUp(scenario("reconnect storm").exec(chat.comeIn()).exec(chat.meet())
        .exec(doIfOrElse(session -> Talk.device(session).first()).then(during(load.duration()).on(chat.speak()))
            .orElse(during(load.duration()).on(storm())))
        .exec(chat.settle()).injectOpen(rampUsers(load.users()).during(load.ramp()))).protocols(chat.protocol())
        .assertions(chat.assertions());
  }

  /// The wall clock says when, so that all go at the same moment.
  private ChainBuilder storm() {
    return exec(pause(_ -> Duration.ofMillis(EVERY_MS - System.currentTimeMillis() % EVERY_MS))).exec(Talk.hear())
        .exec(Talk.close()).exec(chat.connect()).exec(chat.follow());
  }

  @Override
  public void after() {
    chat.end();
  }
}
