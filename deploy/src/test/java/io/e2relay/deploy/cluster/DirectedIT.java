// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.Client;
import io.e2relay.client.Relay;
import io.e2relay.deploy.endtoend.Shown;
import io.e2relay.deploy.endtoend.Until;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Two nodes that are too many to tell each other everything: each asks Redis whether anybody listens on the other one.
final class DirectedIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ALL = "relay,keyservice,store";

  @RegisterExtension
  static final ClusterExtension CLUSTER = new ClusterExtension(List.of(ALL, ALL), "relay.drain.spread.ms = 1000",
      "cluster.broadcast.nodes.max = 1");

  @BeforeEach
  void both_nodes_are_there_and_hear_each_other() {
    for (NodeProcess node : CLUSTER.nodes()) {
      Until.holds(PATIENCE, "each hears the other",
          () -> node.metric("e2relay_cluster_peers") == 1 && node.metric("e2relay_cluster_silent_peers") == 0);
    }
  }

  private static Harm harm() {
    return new Harm(CLUSTER, List.<Relay>of(CLUSTER.relay(0), CLUSTER.relay(1)));
  }

  private static long spared() {
    return CLUSTER.node(0).metric("e2relay_link_spared_total");
  }

  private static long heard() {
    return CLUSTER.node(1).metric("e2relay_link_heard_total");
  }

  /// Speaks until the other node is spared that: then Redis says again what is true.
  private static void awaitSparing(Chat chat) {
    long before = spared();
    Until.holds(PATIENCE, "the other node is spared", () -> {
      chat.send(1);
      return spared() > before;
    });
    Until.holds(PATIENCE, "all news have come", CLUSTER::isSettled);
  }

  @Test
  void a_node_where_nobody_listens_is_told_nothing_and_one_where_somebody_does_everything() throws Exception {
    int messages = 50;
    try (Client alice = CLUSTER.only(0).connect(() -> CLUSTER.token("near-alice"));
        Client bob = CLUSTER.only(0).connect(() -> CLUSTER.token("near-bob"));
        Client carol = CLUSTER.only(1).connect(() -> CLUSTER.token("far-carol"))) {
      Chat near = new Chat(alice.createConversation(bob.me()), bob);
      awaitSparing(near);
      long heardBefore = heard();
      long sparedBefore = spared();
      near.send(messages);
      // Each was a commit of its own: sent there or spared.
      Until.holds(PATIENCE, "each was spared", () -> spared() - sparedBefore >= messages);
      long told = heard() - heardBefore;
      long spared = spared() - sparedBefore;
      assertEquals(0, told, "nothing was told where nobody listens");
      assertEquals(messages, spared);

      // The control: a listener there gets everything from the first message on, and hears it from the other node as
      // soon as that knows.
      Chat far = new Chat(alice.createConversation(carol.me()), carol);
      long heardFirst = heard();
      Until.holds(PATIENCE, "the other node knows", () -> {
        far.send(1);
        return heard() >= heardFirst + 3;
      });
      Until.holds(PATIENCE, "all news have come", CLUSTER::isSettled);
      long heardThen = heard();
      far.send(messages);
      Until.holds(PATIENCE, "told where somebody listens", () -> heard() - heardThen >= messages);
      long toldFar = heard() - heardThen;
      Shown.line("cluster directed broadcast_max=1 nodes=2 messages=%d told_without_listeners=%d spared=%d "
          .formatted(messages, told, spared) + "told_with_listener=%d".formatted(toldFar));
    }
  }

  @Test
  void nothing_is_lost_while_redis_is_killed_comes_back_empty_and_is_emptied() throws Exception {
    try (Client alice = CLUSTER.only(0).connect(() -> CLUSTER.token("flush-alice"));
        Client bob = CLUSTER.only(0).connect(() -> CLUSTER.token("flush-bob"))) {
      Chat near = new Chat(alice.createConversation(bob.me()), bob);
      awaitSparing(near);
      redisDies(Duration.ofSeconds(3));
      awaitSparing(near);
      harm().by("redis-empty", Duration.ofSeconds(1), new Harm.Fault() {
        @Override
        public void strike() throws Exception {
          CLUSTER.emptyRedis();
        }

        @Override
        public void heal() {
          // Nobody has to do anything.
        }
      });
      awaitSparing(near);
      long before = CLUSTER.node(0).metric("e2relay_link_directory_lost_total");
      harm().by("redis-frozen", Duration.ofSeconds(3), new Harm.Fault() {
        @Override
        public void strike() {
          CLUSTER.backing().freezeRedis();
        }

        @Override
        public void heal() {
          CLUSTER.backing().thawRedis();
        }
      });
      long lost = CLUSTER.node(0).metric("e2relay_link_directory_lost_total") - before;
      assertTrue(lost > 0, "Redis did not answer");
      awaitSparing(near);
      Shown.line("cluster redis killed=1 emptied=1 frozen=1 directory_lost=%d spared_again=3".formatted(lost));
    }
  }

  @Tag("long")
  @Test
  void nothing_is_lost_while_redis_is_away_for_a_minute() throws Exception {
    redisDies(Duration.ofMinutes(1));
  }

  private static void redisDies(Duration lasting) throws Exception {
    harm().by("redis-killed", lasting, new Harm.Fault() {
      @Override
      public void strike() {
        CLUSTER.backing().killRedis();
      }

      @Override
      public void heal() {
        CLUSTER.backing().startRedis();
      }
    });
  }

  @Test
  void nothing_is_lost_while_one_batch_of_twenty_gets_lost() throws Exception {
    batchesGetLost(Duration.ofSeconds(6));
  }

  @Tag("long")
  @Test
  void nothing_is_lost_while_one_batch_of_twenty_gets_lost_for_a_minute() throws Exception {
    batchesGetLost(Duration.ofMinutes(1));
  }

  private static void batchesGetLost(Duration lasting) throws Exception {
    int before = CLUSTER.sieve().lost();
    long missed = missed();
    harm().by("loss-5-percent", lasting, new Harm.Fault() {
      @Override
      public void strike() {
        CLUSTER.sieve().lose(20);
      }

      @Override
      public void heal() {
        CLUSTER.sieve().lose(0);
      }
    });
    int lost = CLUSTER.sieve().lost() - before;
    assertTrue(lost > 0, "batches were lost");
    assertTrue(missed() > missed, "and missed");
    Shown.line("cluster loss one_of=20 lasting_ms=%d batches_lost=%d looked_for=%d".formatted(lasting.toMillis(), lost,
        missed() - missed));
  }

  private static long missed() {
    return CLUSTER.nodes().stream().mapToLong(node -> node.metric("e2relay_link_missed_total")).sum();
  }

  @Test
  void nothing_is_lost_while_every_node_is_restarted_in_turn() throws Exception {
    restart(1);
  }

  @Tag("long")
  @Test
  void nothing_is_lost_while_every_node_is_restarted_in_turn_three_times() throws Exception {
    restart(3);
  }

  private void restart(int rounds) throws Exception {
    harm().by("rolling-" + rounds, Duration.ZERO, new Harm.Fault() {
      @Override
      public void strike() throws Exception {
        for (int round = 0; round < rounds; round++) {
          for (NodeProcess node : CLUSTER.nodes()) {
            node.terminate();
            assertEquals(0, node.exit());
            node.start();
            node.awaitReady();
            both_nodes_are_there_and_hear_each_other();
          }
        }
      }

      @Override
      public void heal() {
        // All of them are there again.
      }
    });
  }
}
