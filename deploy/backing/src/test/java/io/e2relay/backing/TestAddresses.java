// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import io.e2relay.protocol.config.Secret;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/// The servers that the environment names: `E2RELAY_TEST_POSTGRES=postgresql://user:password@host:port/database`, whose
/// role may create databases, and `E2RELAY_TEST_REDIS=redis://:password@host:port`, which nobody empties.
final class TestAddresses {
  private TestAddresses() {
  }

  static Optional<Postgres> postgres(Map<String, String> environment) {
    return uri(environment, "E2RELAY_TEST_POSTGRES").map(uri -> {
      String[] login = login(uri);
      return new Postgres(uri.getHost(), uri.getPort() < 0 ? 5432 : uri.getPort(), uri.getPath().substring(1), login[0],
          new Secret(login[1]));
    });
  }

  static Optional<Redis> redis(Map<String, String> environment) {
    return uri(environment, "E2RELAY_TEST_REDIS")
        .map(uri -> new Redis(uri.getHost(), uri.getPort() < 0 ? 6379 : uri.getPort(), new Secret(login(uri)[1])));
  }

  private static Optional<URI> uri(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank()).map(URI::create);
  }

  private static String[] login(URI uri) {
    String info = uri.getUserInfo() == null ? "" : uri.getUserInfo();
    int colon = info.indexOf(':');
    return colon < 0 ? new String[]{info, ""} : new String[]{info.substring(0, colon), info.substring(colon + 1)};
  }
}
