// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import static io.e2relay.store.LogSubject.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.backing.BackingExtension;
import io.e2relay.protocol.bus.Peer;
import io.e2relay.protocol.bus.Role;
import io.e2relay.protocol.config.Postgres;
import io.e2relay.store.PostgresNodes.Standing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/// The list of nodes, as several nodes write and read it.
@ExtendWith(BackingExtension.class)
@TestInstance(Lifecycle.PER_CLASS)
final class PostgresNodesIT {
  private static final Set<Role> ALL = EnumSet.allOf(Role.class);
  private static final Peer ONE = new Peer("one", -1, ALL);
  private static final Peer TWO = new Peer("two", 2, Set.of(Role.RELAY));

  private final StoreDatabase database;
  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final PostgresLines lines;

  PostgresNodesIT(Postgres postgres) {
    database = new StoreDatabase(postgres);
    Duration patience = LogSubject.PATIENCE;
    PostgresLines.Limits limits = new PostgresLines.Limits(1, 10, patience, patience, patience);
    lines = onLoop(() -> Future.succeededFuture(new PostgresLines(vertx, postgres, limits, Samples.metrics())));
  }

  /// Lines belong to one event loop.
  private <T> T onLoop(Supplier<Future<T>> task) {
    Promise<T> promise = Promise.promise();
    loop.runOnContext(_ -> task.get().onComplete(promise));
    return await(promise.future());
  }

  private Standing standing(Peer node, Duration gone, String place) {
    return onLoop(() -> new PostgresNodes(lines, gone, place).beat(node));
  }

  private List<Peer> beat(Peer node, Duration gone) {
    return assertInstanceOf(Standing.Listed.class, standing(node, gone, "")).others();
  }

  private List<Peer> beat(Peer node) {
    return beat(node, Duration.ofHours(1));
  }

  private void leave(Peer node) {
    onLoop(() -> new PostgresNodes(lines, Duration.ZERO, "").leave(node).mapEmpty());
  }

  @AfterAll
  void close() {
    await(vertx.close());
    database.close();
  }

  @Test
  void each_node_sees_the_others_as_they_are_now() {
    beat(ONE);
    assertEquals(List.of(ONE), beat(TWO));
    assertEquals(List.of(TWO), beat(ONE));
    Peer again = new Peer("one", 9, Set.of(Role.STORE, Role.KEYSERVICE));
    // The first one has not been heard of for too long.
    beat(again, Duration.ZERO);
    assertEquals(List.of(again), beat(TWO));
    Peer stopping = new Peer("one", 9, Set.of());
    beat(stopping);
    assertEquals(List.of(stopping), beat(TWO));
    // A late goodbye of the first one says nothing about the second of that name.
    leave(ONE);
    assertEquals(List.of(stopping), beat(TWO));
    leave(stopping);
    assertEquals(List.of(), beat(TWO));
    leave(TWO);
  }

  @Test
  void a_name_belongs_to_who_has_it_until_they_would_have_been_missed() {
    Duration gone = Duration.ofHours(1);
    Peer first = new Peer("name", 1, ALL);
    Peer second = new Peer("name", 2, ALL);
    assertInstanceOf(Standing.Listed.class, standing(first, gone, "here"));
    Standing.Held held = assertInstanceOf(Standing.Held.class, standing(second, gone, "there"));
    assertEquals(1, held.holder().incarnation());
    assertEquals("here", held.holder().place());
    assertEquals(held, standing(second, gone, "there"), "to ask is not to beat");
    assertInstanceOf(Standing.Listed.class, standing(first, gone, "here"), "the control");
    Standing.Held later = assertInstanceOf(Standing.Held.class, standing(second, gone, "there"));
    assertTrue(later.holder().beatAt().isAfter(held.holder().beatAt()), "whoever lives is seen to");
    assertInstanceOf(Standing.Listed.class, standing(second, Duration.ZERO, "there"));
    assertEquals("there", assertInstanceOf(Standing.Held.class, standing(first, gone, "here")).holder().place());
    leave(first);
    assertInstanceOf(Standing.Held.class, standing(first, gone, "here"));
    leave(second);
    assertInstanceOf(Standing.Listed.class, standing(first, gone, "here"));
    leave(first);
  }

  @Test
  void a_node_without_a_recent_beat_is_not_seen() {
    Peer third = new Peer("three", 3, ALL);
    beat(third);
    assertTrue(beat(new Peer("four", 4, ALL)).contains(third), "the control");
    assertEquals(List.of(), beat(new Peer("four", 4, ALL), Duration.ZERO));
  }
}
