// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import java.util.List;
import java.util.Locale;

/// The kind of machine, as the archives of the servers call it.
record Platform(String name, String postgresArchive, List<String> redisPrograms) {

  static Platform here() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static Platform of(String system, String architecture) {
    String os = system.toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : system.toLowerCase(Locale.ROOT);
    String cpu = switch (architecture) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64", "arm64" -> "arm64";
      default -> architecture;
    };
    return switch (os + "-" + cpu) {
      case "linux-amd64" ->
        // The second needs no libraries: the first looks for OpenSSL 3.
        new Platform("linux-amd64", "postgres-linux-x86_64.txz",
            List.of("redis-server-6.2.6-v5-linux-amd64", "redis-server-6.2.7-linux-386"));
      case "linux-arm64" ->
        new Platform("linux-arm64", "postgres-linux-arm_64.txz", List.of("redis-server-6.2.7-linux-arm64"));
      case "darwin-amd64" ->
        new Platform("darwin-amd64", "postgres-darwin-x86_64.txz", List.of("redis-server-6.2.6-v5-darwin-amd64"));
      case "darwin-arm64" ->
        new Platform("darwin-arm64", "postgres-darwin-arm_64.txz", List.of("redis-server-6.2.6-v5-darwin-arm64"));
      default -> throw new BackingException(Problem.NO_BINARIES, "There is no embedded PostgreSQL for " + system
          + " on " + architecture + ". Start PostgreSQL and Redis yourself and give their addresses.");
    };
  }
}
