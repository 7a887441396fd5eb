// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import io.e2relay.protocol.config.Secret;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class TestAddressesTest {
  @Test
  void the_environment_names_servers() {
    Map<String, String> environment = Map.of("E2RELAY_TEST_POSTGRES", "postgresql://me:secret:word@db:5433/tests",
        "E2RELAY_TEST_REDIS", "redis://:word@cache");
    assertEquals(Optional.of(new Postgres("db", 5433, "tests", "me", new Secret("secret:word"))),
        TestAddresses.postgres(environment));
    assertEquals(Optional.of(new Redis("cache", 6379, new Secret("word"))), TestAddresses.redis(environment));
  }

  @Test
  void an_environment_that_names_none_gives_none() {
    assertEquals(Optional.empty(), TestAddresses.postgres(Map.of()));
    assertEquals(Optional.empty(), TestAddresses.redis(Map.of("E2RELAY_TEST_REDIS", " ")));
  }
}
