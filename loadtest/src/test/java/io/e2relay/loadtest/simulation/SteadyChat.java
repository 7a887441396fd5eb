// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import static io.gatling.javaapi.core.CoreDsl.during;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.Simulation;

/// Everybody talks: groups whose members all send at their rate.
public final class SteadyChat extends Simulation {
  private static final int USERS = 24;
  private static final int GROUP_SIZE = 4;
  private static final double MESSAGES_PER_SECOND = 1;

  private final Load load = Load.of(USERS, GROUP_SIZE, MESSAGES_PER_SECOND);
  private final Chat chat = new Chat("steadychat", load);

  public SteadyChat() {
    setUp(scenario("steady chat").exec(chat.comeIn()).exec(chat.meet()).exec(during(load.duration()).on(chat.speak()))
        .exec(chat.settle()).injectOpen(rampUsers(load.users()).during(load.ramp()))).protocols(chat.protocol())
        .assertions(chat.assertions());
  }

  @Override
  public void after() {
    chat.end();
  }
}
