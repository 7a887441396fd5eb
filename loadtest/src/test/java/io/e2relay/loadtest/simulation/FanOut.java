// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import static io.gatling.javaapi.core.CoreDsl.doIfOrElse;
import static io.gatling.javaapi.core.CoreDsl.during;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;

/// One talks, many listen: in each group only the first sends.
public final class FanOut extends Simulation {
  private static final int USERS = 100;
  private static final int GROUP_SIZE = 100;
  private static final double MESSAGES_PER_SECOND = 5;

  private final Load load = Load.of(USERS, GROUP_SIZE, MESSAGES_PER_SECOND);
  private final Chat chat = new Chat("fanout", load);

  public FanOut() {
    setUp(scenario("fan-out").exec(chat.comeIn()).exec(chat.meet())
        .exec(during(load.duration())
            .on(doIfOrElse(session -> Talk.device(session).first()).then(chat.speak()).orElse(chat.listen())))
        .exec(chat.settle()).injectOpen(rampUsers(load.users()).during(load.ramp()))).protocols(chat.protocol())
        .assertions(chat.assertions());
  }

  @Override
  public void after() {
    chat.end();
  }
}
