// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.deploy.endtoend.Shown;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Two processes that are configured to be the same node.
final class NodeNamesIT {
  // What a killed node may be waited for, besides the start of a process on a busy machine.
  private static final Duration RETURN_WITHIN = Duration.ofSeconds(60);

  // Long enough that a busy machine does not make the first node late for its own name.
  @RegisterExtension
  static final ClusterExtension CLUSTER = new ClusterExtension(List.of("relay,keyservice,store"),
      "cluster.gone.ms = 10000");

  @Test
  void a_second_node_of_the_same_name_does_not_start_and_one_that_was_killed_comes_back() throws Exception {
    NodeProcess node = CLUSTER.node(0);
    NodeProcess twin = CLUSTER.twin(0);
    try {
      twin.start();
      assertEquals(1, twin.exit());
      String said = twin.said();
      assertTrue(said.contains("cluster.node is 'node-0'"), said);
      assertTrue(said.contains("process %d on ".formatted(node.pid())), said);
      assertTrue(said.contains("Give this node another cluster.node, or stop the other one first."), said);
      assertEquals(200, node.ready(), "the first one goes on");

      // The control: nobody holds the name of a node that was killed.
      node.kill();
      long began = System.nanoTime();
      node.start();
      node.awaitReady();
      long backMs = (System.nanoTime() - began) / 1_000_000;
      assertTrue(backMs < RETURN_WITHIN.toMillis(), "back after " + backMs + " ms");
      Shown.line("cluster same_name second_exit=1 first_ready=1 killed_back_after_ms=" + backMs);
    } finally {
      twin.end();
    }
  }

  @Tag("long")
  @Test
  void a_node_whose_name_was_taken_while_it_stood_still_stops() throws Exception {
    NodeProcess node = CLUSTER.node(0);
    NodeProcess twin = CLUSTER.twin(0);
    try {
      node.freeze();
      twin.start();
      twin.awaitReady();
      node.thaw();
      assertEquals(1, node.exit());
      assertTrue(node.said().contains("process %d on ".formatted(twin.pid())), node.said());
      assertEquals(200, twin.ready(), "the second one goes on");
      Shown.line("cluster same_name taken_while=frozen first_exit=1 second_ready=1");
    } finally {
      twin.end();
      node.kill();
      node.start();
      node.awaitReady();
    }
  }
}
