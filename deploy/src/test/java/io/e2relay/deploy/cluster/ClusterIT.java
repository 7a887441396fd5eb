// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.Client;
import io.e2relay.client.Conversation;
import io.e2relay.client.IncomingMessage;
import io.e2relay.client.Relay;
import io.e2relay.deploy.endtoend.Shown;
import io.e2relay.deploy.endtoend.Until;
import io.e2relay.loadtest.oracle.DeliveryVerdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Two nodes that both play every role, as people on both of them see it while one is harmed.
final class ClusterIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LIVE_WITHIN = Duration.ofSeconds(5);
  private static final String ALL = "relay,keyservice,store";

  @RegisterExtension
  static final ClusterExtension CLUSTER = new ClusterExtension(List.of(ALL, ALL), "relay.drain.spread.ms = 1000");

  @BeforeEach
  void both_nodes_are_there_and_hear_each_other() {
    for (NodeProcess node : CLUSTER.nodes()) {
      Until.holds(PATIENCE, "each hears the other",
          () -> node.metric("e2relay_cluster_peers") == 1 && node.metric("e2relay_cluster_silent_peers") == 0);
    }
  }

  /// People who stay with their node where they can.
  private static List<Relay> everywhere() {
    return List.of(CLUSTER.relay(0), CLUSTER.relay(1));
  }

  private void harm(String kind, List<Relay> relays, Duration lasting, Harm.Fault fault) throws Exception {
    new Harm(CLUSTER, relays).by(kind, lasting, fault);
  }

  @Test
  void everybody_on_both_nodes_sees_every_message_once_and_in_order() throws Exception {
    long repairs = sum("e2relay_repairs_total");
    long closes = sum("e2relay_closes_total");
    try (Traffic traffic = new Traffic(CLUSTER, "order", everywhere())) {
      traffic.begin().awaitMore(300, PATIENCE);
      DeliveryVerdict verdict = traffic.end();
      long news = sum("e2relay_link_news_total");
      assertTrue(news > 0, "the nodes told each other");
      assertEquals(closes, sum("e2relay_closes_total"), "nobody was sent away");
      Shown.line("cluster order nodes=2 senders=2 receivers=2 news=%d repairs=%d %s".formatted(news,
          sum("e2relay_repairs_total") - repairs, verdict));
    }
  }

  @Test
  void nothing_is_lost_when_a_node_is_killed_and_its_people_go_on_at_the_other() throws Exception {
    harm("kill", everywhere(), Duration.ofSeconds(3), new Harm.Fault() {
      @Override
      public void strike() throws Exception {
        CLUSTER.node(1).kill();
      }

      @Override
      public void heal() {
        CLUSTER.node(1).start();
        CLUSTER.node(1).awaitReady();
      }
    });
  }

  @Test
  void nothing_is_lost_when_a_node_stands_still_for_eight_seconds() throws Exception {
    harm("freeze", everywhere(), Duration.ofSeconds(8), new Harm.Fault() {
      @Override
      public void strike() throws Exception {
        CLUSTER.node(1).freeze();
      }

      @Override
      public void heal() throws Exception {
        CLUSTER.node(1).thaw();
      }
    });
  }

  @Tag("long")
  @Test
  void nothing_is_lost_when_a_node_stands_still_for_forty_seconds() throws Exception {
    harm("freeze-40", everywhere(), Duration.ofSeconds(40), new Harm.Fault() {
      @Override
      public void strike() throws Exception {
        CLUSTER.node(1).freeze();
      }

      @Override
      public void heal() throws Exception {
        CLUSTER.node(1).thaw();
      }
    });
  }

  @Test
  void nothing_is_lost_when_the_nodes_do_not_reach_each_other_for_ten_seconds() throws Exception {
    split("cut-10", Duration.ofSeconds(10));
  }

  @Tag("long")
  @Test
  void nothing_is_lost_when_the_nodes_do_not_reach_each_other_for_thirty_seconds() throws Exception {
    split("cut-30", Duration.ofSeconds(30));
  }

  private void split(String kind, Duration lasting) throws Exception {
    harm(kind, List.of(CLUSTER.only(0), CLUSTER.only(1)), lasting, new Harm.Fault() {
      @Override
      public void strike() {
        CLUSTER.cut();
      }

      @Override
      public void heal() {
        CLUSTER.mend();
      }
    });
  }

  @Test
  void nothing_is_lost_when_a_node_is_told_to_stop_and_it_leaves_with_code_0() throws Exception {
    harm("drain", everywhere(), Duration.ZERO, new Harm.Fault() {
      @Override
      public void strike() throws Exception {
        CLUSTER.node(1).terminate();
        Until.holds(LIVE_WITHIN, "no longer ready", () -> CLUSTER.node(1).ready() != 200);
        assertEquals(0, CLUSTER.node(1).exit());
        Until.holds(LIVE_WITHIN, "the other one is alone", () -> CLUSTER.node(0).metric("e2relay_cluster_peers") == 0);
      }

      @Override
      public void heal() {
        CLUSTER.node(1).start();
        CLUSTER.node(1).awaitReady();
      }
    });
  }

  @Test
  void every_node_is_told_everything_while_there_are_few() throws Exception {
    try (Client alice = CLUSTER.only(0).connect(() -> CLUSTER.token("few-alice"));
        Client bob = CLUSTER.only(0).connect(() -> CLUSTER.token("few-bob"))) {
      Chat chat = new Chat(alice.createConversation(bob.me()), bob);
      chat.send(1);
      Until.holds(PATIENCE, "all news have come", CLUSTER::isSettled);
      long heard = CLUSTER.node(1).metric("e2relay_link_heard_total");
      chat.send(50);
      Until.holds(PATIENCE, "told although nobody listens there",
          () -> CLUSTER.node(1).metric("e2relay_link_heard_total") - heard >= 50);
      long told = CLUSTER.node(1).metric("e2relay_link_heard_total") - heard;
      assertEquals(0, sum("e2relay_link_spared_total"));
      Shown.line(
          "cluster few_nodes=2 broadcast_max=8 messages=50 listeners_there=0 told_there=%d spared=0".formatted(told));
    }
  }

  @Test
  void who_is_removed_on_one_node_gets_nothing_more_on_the_other() throws Exception {
    int rounds = 10;
    List<IncomingMessage> seen = new CopyOnWriteArrayList<>();
    int before = 0;
    try (Client admin = CLUSTER.only(0).connect(() -> CLUSTER.token("removing-admin"));
        Client guest = CLUSTER.only(1).connect(() -> CLUSTER.token("removed-guest"))) {
      guest.onMessage(seen::add);
      for (int round = 0; round < rounds; round++) {
        Conversation room = admin.createConversation(guest.me());
        // The control: the guest's socket is on the other node and gets what is said.
        room.send("before");
        int wanted = ++before;
        Until.holds(LIVE_WITHIN, "the guest gets what is said before", () -> seen.size() == wanted);
        room.remove(guest.me());
        room.send("after");
      }
      // What is said elsewhere now comes after anything that could still come of those.
      Conversation last = admin.createConversation(guest.me());
      last.send("end");
      Until.holds(LIVE_WITHIN, "the guest gets what is said elsewhere", () -> seen.getLast().text().equals("end"));
      assertEquals(rounds + 1, seen.size());
      assertEquals(0, seen.stream().filter(message -> message.text().equals("after")).count());
      assertEquals(0, sum("e2relay_keys_detach_unanswered_total"));
      Shown.line("cluster removal rounds=%d before=%d after=0 unanswered=0".formatted(rounds, before));
    }
  }

  @Test
  void who_is_added_while_the_nodes_do_not_reach_each_other_learns_of_it() throws Exception {
    List<IncomingMessage> seen = new CopyOnWriteArrayList<>();
    try (Client admin = CLUSTER.only(0).connect(() -> CLUSTER.token("adding-admin"));
        Client guest = CLUSTER.only(1).connect(() -> CLUSTER.token("added-guest"))) {
      guest.onMessage(seen::add);
      admin.createConversation(guest.me()).send("heard");
      Until.holds(PATIENCE, "news come through", () -> seen.size() == 1);
      CLUSTER.cut();
      try {
        admin.createConversation(guest.me()).send("found");
        long began = System.nanoTime();
        Until.holds(PATIENCE, "what is new is found", () -> seen.size() == 2);
        Shown.line("cluster added cut=1 found_after_ms=%d".formatted((System.nanoTime() - began) / 1_000_000));
      } finally {
        CLUSTER.mend();
      }
      assertEquals(List.of("heard", "found"), seen.stream().map(IncomingMessage::text).toList());
    }
  }

  @Test
  void a_removal_waits_a_second_for_a_node_that_stands_still_and_nothing_comes_through_it_later() throws Exception {
    List<IncomingMessage> seen = new CopyOnWriteArrayList<>();
    try (Client admin = CLUSTER.only(0).connect(() -> CLUSTER.token("freezing-admin"));
        Client guest = CLUSTER.only(1).connect(() -> CLUSTER.token("frozen-guest"))) {
      guest.onMessage(seen::add);
      Conversation room = admin.createConversation(guest.me());
      Conversation other = admin.createConversation(guest.me());
      room.send("before");
      Until.holds(PATIENCE, "the guest gets what is said before", () -> seen.size() == 1);
      long unanswered = CLUSTER.node(0).metric("e2relay_keys_detach_unanswered_total");
      CLUSTER.node(1).freeze();
      long began = System.nanoTime();
      try {
        room.remove(guest.me());
        room.send("after");
      } finally {
        CLUSTER.node(1).thaw();
      }
      long tookMs = (System.nanoTime() - began) / 1_000_000;
      other.send("end");
      Until.holds(PATIENCE, "the guest gets what is said elsewhere", () -> seen.size() == 2);
      assertEquals(List.of("before", "end"), seen.stream().map(IncomingMessage::text).toList());
      assertEquals(1, CLUSTER.node(0).metric("e2relay_keys_detach_unanswered_total") - unanswered);
      Shown.line("cluster removal frozen_nodes=1 took_ms=%d unanswered=1 after=0".formatted(tookMs));
    }
  }

  private static long sum(String metric) {
    return CLUSTER.nodes().stream().mapToLong(node -> node.metric(metric)).sum();
  }
}
