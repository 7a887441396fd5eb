// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.client.Client;
import io.e2relay.client.Conversation;
import io.e2relay.client.IncomingMessage;
import io.e2relay.client.Relay;
import io.e2relay.deploy.endtoend.Shown;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.loadtest.oracle.DeliveryVerdict;
import io.e2relay.protocol.id.MsgId;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A relay that asks others for everything, and two nodes that answer.
final class RolesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ANSWERING = "keyservice,store";
  private static final int RELAY = 2;
  private static final int LARGE_BYTES = 60_000;

  @RegisterExtension
  static final ClusterExtension CLUSTER = new ClusterExtension(List.of(ANSWERING, ANSWERING, "relay"),
      "relay.drain.spread.ms = 1000");

  @BeforeEach
  void all_are_there() {
    Until.holds(PATIENCE, "the relay hears both", () -> CLUSTER.node(RELAY).metric("e2relay_cluster_peers") == 2
        && CLUSTER.node(RELAY).metric("e2relay_cluster_silent_peers") == 0);
  }

  /// The people of one conversation, whose store is one of the two; each of the two is harmed in turn.
  private static List<Relay> people() {
    return Collections.nCopies(3, CLUSTER.only(RELAY));
  }

  @Test
  void nothing_is_lost_or_said_twice_while_each_store_is_killed_in_turn() throws Exception {
    try (Traffic traffic = new Traffic(CLUSTER, "kill", people())) {
      traffic.begin().awaitMore(100, PATIENCE);
      long controlMs = traffic.awaitLive(PATIENCE);
      long stored = 0;
      for (int node = 0; node < 2; node++) {
        stored += CLUSTER.node(node).metric("e2relay_store_appended_total");
        CLUSTER.node(node).kill();
        // The other one has them all now.
        traffic.awaitMore(50, PATIENCE);
        CLUSTER.node(node).start();
        CLUSTER.node(node).awaitReady();
        all_are_there();
        traffic.awaitMore(50, PATIENCE);
      }
      long liveMs = traffic.awaitLive(Duration.ofSeconds(5).plusMillis(10 * controlMs));
      DeliveryVerdict verdict = traffic.end();
      Shown.line("cluster roles=relay|keyservice,store|keyservice,store fault=kill rounds=2 stored_by_others=%d "
          .formatted(stored) + "control_ms=%d live_after_ms=%d %s".formatted(controlMs, liveMs, verdict));
    }
  }

  @Test
  void nothing_is_lost_while_each_store_is_told_to_stop_in_turn() throws Exception {
    try (Traffic traffic = new Traffic(CLUSTER, "drain", people())) {
      traffic.begin().awaitMore(100, PATIENCE);
      for (int node = 0; node < 2; node++) {
        CLUSTER.node(node).terminate();
        assertEquals(0, CLUSTER.node(node).exit());
        traffic.awaitMore(50, PATIENCE);
        CLUSTER.node(node).start();
        CLUSTER.node(node).awaitReady();
        all_are_there();
      }
      DeliveryVerdict verdict = traffic.end();
      Shown.line("cluster roles=relay|keyservice,store|keyservice,store fault=drain rounds=2 exits=0 " + verdict);
    }
  }

  @Test
  void a_message_too_long_for_a_hint_comes_from_the_log() throws Exception {
    List<IncomingMessage> seen = new CopyOnWriteArrayList<>();
    try (Client alice = CLUSTER.only(RELAY).connect(() -> CLUSTER.token("long-alice"));
        Client bob = CLUSTER.only(RELAY).connect(() -> CLUSTER.token("long-bob"))) {
      bob.onMessage(seen::add);
      Conversation room = alice.createConversation(bob.me());
      room.send("short");
      Until.holds(PATIENCE, "the short one comes", () -> seen.size() == 1);
      long repairs = CLUSTER.node(RELAY).metric("e2relay_repairs_total");
      MsgId message = new MsgId(Traffic.random(MsgId.BYTES));
      room.send(message, Traffic.random(LARGE_BYTES));
      Until.holds(PATIENCE, "the long one comes", () -> seen.size() == 2);
      assertEquals(message, seen.getLast().msgId());
      long read = CLUSTER.node(RELAY).metric("e2relay_repairs_total") - repairs;
      assertEquals(2, read, "a page for each of the two who follow");
      Shown.line("cluster long_message bytes=%d pages_read=%d".formatted(LARGE_BYTES, read));
    }
  }
}
