// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.settings;

import io.e2relay.protocol.bus.Role;
import io.e2relay.protocol.config.Settings;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What this process does and how it shares its machine.
public record NodeConfig(Set<Role> roles, int eventLoops, Duration busTimeout) {

  public NodeConfig {
    roles = Set.copyOf(roles);
  }

  public static NodeConfig read(Settings settings) {
    String roles = settings.text("node.roles", "relay,keyservice,store", "The roles of this process.");
    int loops = settings.number("node.event.loops", 0, 0, 1_024,
        "Event loops, each with its own connections; 0 is one per processor.");
    return new NodeConfig(roles(settings, roles), loops == 0 ? Runtime.getRuntime().availableProcessors() : loops,
        settings.millis("node.bus.timeout.ms", 1_500, 100, 60_000, "How long one role waits for another's answer."));
  }

  private static Set<Role> roles(Settings settings, String text) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : text.split(",", -1)) {
      try {
        roles.add(Role.valueOf(name.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException _) {
        settings.mistake("node.roles", "has '%s', allowed are %s".formatted(name.strip(), String.join(", ", names())));
      }
    }
    return roles;
  }

  private static List<String> names() {
    return EnumSet.allOf(Role.class).stream().map(role -> role.name().toLowerCase(Locale.ROOT)).toList();
  }
}
