// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.config;

/// Where Redis is; no password means none is asked for.
public record Redis(String host, int port, Secret password) {

  public static Redis read(Settings settings) {
    return new Redis(settings.text("redis.host", "localhost", "Host of Redis."),
        settings.number("redis.port", 6379, 1, 65_535, "Port of Redis."),
        settings.secretFile("redis.password.file", "File with the password of Redis; empty for none."));
  }
}
