// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.settings;

import io.e2relay.protocol.bus.Role;
import io.e2relay.protocol.config.Settings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Whether there are other nodes, where they are and where they reach this one.
///
/// @param node the name of this node in the list of nodes
/// @param gone time without a sign of life after which a node is no longer listed
/// @param broadcastMax up to so many nodes with relays, each is told everything
public record ClusterConfig(boolean enabled, String name, String node, Address members, Address bus, List<String> seeds,
    Duration gone, int broadcastMax) {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "::1", "localhost");
  private static final Pattern MEMBER = Pattern.compile("[A-Za-z0-9._-]{1,253}:[0-9]{1,5}");
  private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final int PORT_MAX = 65_535;

  /// Where this node listens, and the port by which others reach it there.
  public record Address(String host, int port, int publicPort) {
  }

  public ClusterConfig {
    seeds = List.copyOf(seeds);
  }

  /// Alone, a node plays all roles; among others, any of them.
  public static ClusterConfig read(Settings settings, Set<Role> roles) {
    boolean enabled = settings.flag("cluster.enabled", false,
        "Whether there may be other nodes; `serve --cluster` sets it.");
    // A role that is missing here would be missing altogether.
    if (!enabled && !roles.isEmpty() && roles.size() < Role.values().length) {
      settings.mistake("node.roles", "must name all of relay, keyservice, store, unless cluster.enabled is true");
    }
    String host = settings.text("cluster.host", "127.0.0.1",
        "Address at which other nodes reach this one, and at which it listens for them.");
    boolean trusted = settings.flag("cluster.trusted.network", false,
        "Says that nobody but nodes can reach the two ports below: what nodes say to each other is not encrypted, and "
            + "who can speak there is believed. Needed where cluster.host is not of this machine alone.");
    if (enabled && !trusted && !LOOPBACK.contains(host)) {
      settings.mistake("cluster.host", "is '%s', allowed without cluster.trusted.network are %s".formatted(host,
          String.join(", ", LOOPBACK.stream().sorted().toList())));
    }
    Address members = address(settings, host, "cluster.port", 15_701, "Port at which nodes find each other.");
    Address bus = address(settings, host, "cluster.bus.port", 15_801, "Port at which nodes talk to each other.");
    String node = named(settings, "cluster.node", "", NODE,
        "Name of this node, another one for each; empty for its host and the port of its bus.");
    return new ClusterConfig(enabled,
        named(settings, "cluster.name", "e2relay", NAME,
            "Name of the cluster; nodes of another name are no part of it."),
        node.isEmpty() ? host + ":" + bus.publicPort() : node, members, bus, seeds(settings),
        settings.millis("cluster.gone.ms", 5_000, 3_000, 60_000,
            "Time without a sign of life in PostgreSQL after which a node counts as gone."),
        settings.number("cluster.broadcast.nodes.max", 8, 1, 1_000,
            "Up to so many nodes with relays, each is told of every message; with more, those that have listeners in "
                + "the conversation, as Redis has them."));
  }

  private static Address address(Settings settings, String host, String key, int fallback, String meaning) {
    int port = settings.number(key, fallback, 1, PORT_MAX, meaning);
    int other = settings.number(key.replace(".port", ".public.port"), 0, 0, PORT_MAX,
        "Port by which others reach it, where that is another one; 0 for the same.");
    return new Address(host, port, other == 0 ? port : other);
  }

  private static String named(Settings settings, String key, String fallback, Pattern allowed, String meaning) {
    String value = settings.text(key, fallback, meaning);
    boolean good = value.isEmpty() ? fallback.isEmpty() : allowed.matcher(value).matches();
    if (!good) {
      settings.mistake(key, "is '%s', allowed is %s".formatted(value, allowed.pattern()));
    }
    return value;
  }

  private static List<String> seeds(Settings settings) {
    String text = settings.text("cluster.members", "127.0.0.1:15701",
        "Where nodes may be found, as host:port with commas between; this node may be among them, and none has to "
            + "answer.");
    List<String> seeds = new ArrayList<>();
    for (String seed : Arrays.stream(text.split(",", -1)).map(String::strip).toList()) {
      if (MEMBER.matcher(seed).matches() && Integer.parseInt(seed.substring(seed.indexOf(':') + 1)) <= PORT_MAX) {
        seeds.add(seed);
      } else {
        settings.mistake("cluster.members", "has '%s', allowed are host:port with commas between".formatted(seed));
      }
    }
    return seeds;
  }
}
