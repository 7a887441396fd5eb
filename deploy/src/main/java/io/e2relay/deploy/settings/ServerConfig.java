// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.settings;

import io.e2relay.keyservice.KeyConfig;
import io.e2relay.keyservice.backup.Peppers;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import io.e2relay.protocol.config.Settings;
import io.e2relay.relay.RelayConfig;
import io.e2relay.relay.auth.TokenConfig;
import io.e2relay.relay.presence.PresenceConfig;
import io.e2relay.store.StoreConfig;

/// Everything that can be configured, read once.
public record ServerConfig(NodeConfig node, ClusterConfig cluster, InternalConfig internal, LogConfig log,
    Roles roles) {

  /// What the roles read themselves.
  public record Roles(RelayConfig relay, TokenConfig token, PresenceConfig presence, KeyConfig keys,
      StoreConfig store) {

    private static Roles read(Settings settings) {
      return new Roles(RelayConfig.read(settings), TokenConfig.read(settings), PresenceConfig.read(settings),
          KeyConfig.read(settings), StoreConfig.read(settings));
    }
  }

  /// The servers that we need and do not start, and the peppers that are kept apart from them: only `serve` and
  /// `migrate` have them configured.
  public record Services(Postgres postgres, Redis redis, Peppers peppers) {

    public static Services read(Settings settings) {
      return new Services(Postgres.read(settings), Redis.read(settings), Peppers.read(settings));
    }
  }

  public static ServerConfig read(Settings settings) {
    NodeConfig node = NodeConfig.read(settings);
    return new ServerConfig(node, ClusterConfig.read(settings, node.roles()), InternalConfig.read(settings),
        LogConfig.read(settings), Roles.read(settings));
  }
}
