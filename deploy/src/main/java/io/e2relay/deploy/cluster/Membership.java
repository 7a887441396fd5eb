// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import io.e2relay.deploy.settings.ClusterConfig;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.Map;

/// What Vert.x needs to know of a cluster: Hazelcast for who is there and which address is whose, and a port for the
/// bus.
///
/// Nothing is looked for or reported outside: members are those that are named, and all ports are fixed.
public final class Membership {
  private static final int CONNECT_MS = 2_000;
  // A peer that answers nothing is cut off after two of these; what waits for it goes with it.
  private static final long PING_MS = 3_000;
  // Of the map of addresses, all that a few nodes need: enough to outlive one node at a time, and quick to move.
  private static final int PARTITIONS = 31;

  private static final Map<String, String> PROPERTIES = Map.ofEntries(
      Map.entry("hazelcast.phone.home.enabled", "false"), Map.entry("hazelcast.socket.bind.any", "false"),
      Map.entry("hazelcast.wait.seconds.before.join", "0"), Map.entry("hazelcast.logging.type", "slf4j"),
      Map.entry("hazelcast.shutdownhook.enabled", "false"), Map.entry("hazelcast.diagnostics.enabled", "false"),
      Map.entry("hazelcast.health.monitoring.level", "OFF"), Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
      Map.entry("hazelcast.max.no.heartbeat.seconds", "10"),
      // Two halves that found no way to each other look for it again this often.
      Map.entry("hazelcast.merge.first.run.delay.seconds", "5"),
      Map.entry("hazelcast.merge.next.run.delay.seconds", "5"), Map.entry("hazelcast.max.join.seconds", "10"),
      // A look-up must not hold a thread for the whole time that a partition lasts.
      Map.entry("hazelcast.operation.call.timeout.millis", "3000"),
      Map.entry("hazelcast.graceful.shutdown.max.wait", "10"),
      Map.entry("hazelcast.partition.count", String.valueOf(PARTITIONS)));

  private Membership() {
  }

  public static ClusterManager of(ClusterConfig cluster) {
    Config config = new Config().setClusterName(cluster.name());
    PROPERTIES.forEach(config::setProperty);
    config.getMetricsConfig().setEnabled(false);
    config.getJetConfig().setEnabled(false);
    // As vertx-hazelcast has it: each address maps to a set of nodes, kept twice.
    config.addMultiMapConfig(new MultiMapConfig("__vertx.subs").setBackupCount(1)
        .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
    ClusterConfig.Address own = cluster.members();
    NetworkConfig network = config.getNetworkConfig().setPort(own.port()).setPortAutoIncrement(false)
        .setPublicAddress(own.host() + ":" + own.publicPort());
    network.getInterfaces().setEnabled(true).addInterface(own.host().equals("localhost") ? "127.0.0.1" : own.host());
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(1).setMembers(cluster.seeds());
    return new HazelcastClusterManager(config);
  }

  public static EventBusOptions bus(ClusterConfig cluster) {
    ClusterConfig.Address bus = cluster.bus();
    return new EventBusOptions().setHost(bus.host()).setPort(bus.port()).setClusterPublicHost(bus.host())
        .setClusterPublicPort(bus.publicPort()).setConnectTimeout(CONNECT_MS).setClusterPingInterval(PING_MS)
        .setClusterPingReplyInterval(PING_MS);
  }
}
