// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.backing.BackingProcesses;
import io.e2relay.protocol.config.Redis;
import io.e2relay.protocol.config.Secret;
import io.e2relay.protocol.id.Uid;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// On a real Redis of its own, which is killed and frozen.
@ExtendWith(BackingExtension.class)
final class RedisRegistryIT {
  private static final long DEADLINE_MS = 30_000;
  private static final Duration LEASE = Duration.ofMillis(1_500);
  private static final Duration TTL = Duration.ofSeconds(3);
  /// Times short enough to watch them pass; refreshed often, or never within a test.
  private static final PresenceConfig LIVELY = new PresenceConfig(LEASE, TTL, Duration.ofMillis(500), 10, 100);
  private static final PresenceConfig LAZY = new PresenceConfig(LEASE, Duration.ofMinutes(10), Duration.ofMinutes(5),
      10, 100);

  private final Vertx vertx = Vertx.vertx();
  private final List<RedisRegistry> registries = new ArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private BackingProcesses processes;
  private Redis address;
  private io.vertx.redis.client.Redis reader;

  @BeforeEach
  void start_from_nothing(BackingProcesses own) throws Exception {
    processes = own;
    processes.thawRedis();
    processes.startRedis();
    address = processes.redis();
    connectReader();
    ask(Command.FLUSHALL);
  }

  @AfterEach
  void stop() throws Exception {
    for (RedisRegistry registry : registries) {
      registry.stop().await(20, TimeUnit.SECONDS);
    }
    reader.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void a_connection_appears_with_its_expiry_and_vanishes_when_it_ends() throws Exception {
    RedisRegistry registry = start("node-a", LAZY);
    long beforeMs = InstantSource.system().millis();
    registry.connected(uid(1), 7);
    registry.connected(uid(1), 8);
    registry.connected(uid(2), 9);
    eventually(() -> members(1).equals(List.of("node-a:7", "node-a:8")) && members(2).equals(List.of("node-a:9")));
    double score = Double.parseDouble(text(ask(Command.ZSCORE, key(1), "node-a:7")));
    assertTrue(score >= beforeMs + LAZY.ttl().toMillis(), "scored by its expiry: " + score);
    long left = number(ask(Command.PTTL, key(1)));
    assertTrue(left > 0 && left <= LAZY.ttl().toMillis(), "the key expires in " + left);
    registry.disconnected(uid(1), 7);
    eventually(() -> members(1).equals(List.of("node-a:8")));
    registry.disconnected(uid(1), 8);
    eventually(() -> number(ask(Command.EXISTS, key(1))) == 0);
    assertEquals(List.of("node-a:9"), members(2));
  }

  @Test
  void the_key_is_named_after_the_uid_in_base64url() throws Exception {
    start("node-a", LAZY).connected(uid(1), 7);
    eventually(() -> members(1).equals(List.of("node-a:7")));
    assertEquals("e2r:conn:" + Base64.getUrlEncoder().withoutPadding().encodeToString(uid(1).bytes().toByteArray()),
        text(ask(Command.KEYS, "e2r:conn:*").get(0)));
  }

  @Test
  void the_lease_is_kept_while_the_node_runs() throws Exception {
    start("node-a", LAZY);
    eventually(() -> leased("node-a"));
    long left = number(ask(Command.PTTL, "e2r:node:node-a"));
    assertTrue(left > 0 && left <= LEASE.toMillis(), "the lease expires in " + left);
    String first = text(ask(Command.GET, "e2r:node:node-a"));
    // Renewed at least twice: it would have run out meanwhile.
    eventually(() -> !first.equals(text(ask(Command.GET, "e2r:node:node-a"))));
    String second = text(ask(Command.GET, "e2r:node:node-a"));
    eventually(() -> !second.equals(text(ask(Command.GET, "e2r:node:node-a"))));
    assertTrue(leased("node-a"));
  }

  @Test
  void a_node_that_stops_removes_what_is_its_own() throws Exception {
    RedisRegistry stopping = start("node-a", LAZY);
    RedisRegistry staying = start("node-b", LAZY);
    for (int i = 0; i < 50; i++) {
      stopping.connected(uid(i), i);
    }
    staying.connected(uid(1), 1);
    eventually(() -> members(49).equals(List.of("node-a:49")) && members(1).equals(List.of("node-a:1", "node-b:1")));
    eventually(() -> leased("node-a") && leased("node-b"));
    stopping.stop().await(20, TimeUnit.SECONDS);
    assertEquals(false, leased("node-a"));
    assertEquals(true, leased("node-b"));
    assertEquals(List.of("node-b:1"), members(1));
    assertEquals(1, ask(Command.KEYS, "e2r:conn:*").size());
    stopping.connected(uid(3), 3);
    staying.connected(uid(4), 4);
    eventually(() -> members(4).equals(List.of("node-b:4")));
    assertEquals(List.of(), members(3));
  }

  @Test
  void the_entries_of_a_dead_node_expire_and_those_of_a_living_one_do_not() throws Exception {
    Vertx doomed = Vertx.vertx();
    RedisRegistry dying = registry(doomed, "node-a", LIVELY);
    dying.start();
    dying.connected(uid(1), 1);
    dying.connected(uid(2), 2);
    start("node-b", LIVELY).connected(uid(1), 1);
    eventually(() -> members(1).equals(List.of("node-a:1", "node-b:1")) && members(2).equals(List.of("node-a:2")));
    // Without a farewell, as if killed.
    doomed.close().await(20, TimeUnit.SECONDS);
    eventually(() -> !leased("node-a") && number(ask(Command.EXISTS, key(2))) == 0);
    eventually(() -> members(1).equals(List.of("node-b:1")));
    assertEquals(true, leased("node-b"));
    dying.connected(uid(9), 9);
    dying.disconnected(uid(9), 9);
  }

  @Test
  void a_living_connection_is_refreshed() throws Exception {
    start("node-a", LIVELY).connected(uid(1), 1);
    eventually(() -> members(1).equals(List.of("node-a:1")));
    double first = score();
    eventually(() -> score() > first + TTL.toMillis());
  }

  @Test
  void after_redis_died_all_entries_come_back_by_themselves() throws Exception {
    RedisRegistry registry = start("node-a", LAZY);
    for (int i = 0; i < 50; i++) {
      registry.connected(uid(i), i);
    }
    eventually(() -> members(49).equals(List.of("node-a:49")) && up() == 1);
    assertEquals(0, meters.get("e2relay_redis_rewrites_total").counter().count());
    processes.killRedis();
    eventually(() -> up() == 0);
    registry.disconnected(uid(0), 0);
    registry.connected(uid(50), 50);
    processes.startRedis();
    connectReader();
    eventually(() -> ask(Command.KEYS, "e2r:conn:*").size() == 50 && up() == 1 && leased("node-a"));
    assertEquals(List.of(), members(0));
    assertEquals(List.of("node-a:50"), members(50));
    assertEquals(1, meters.get("e2relay_redis_rewrites_total").counter().count());
  }

  @Test
  void a_frozen_redis_is_noticed_and_costs_no_more_than_the_bound() throws Exception {
    RedisRegistry registry = start("node-a", LAZY);
    registry.connected(uid(0), 0);
    eventually(() -> members(0).equals(List.of("node-a:0")));
    processes.freezeRedis();
    for (int i = 1; i <= 5_000; i++) {
      registry.connected(uid(i), i);
      assertTrue(registry.pending() <= LAZY.pending(), "waiting: " + registry.pending());
    }
    eventually(() -> up() == 0);
    assertEquals(LAZY.pending(), registry.pending(), LAZY.batch());
    assertTrue(meters.get("e2relay_redis_dropped_total").counter().count() >= 5_000 - 3 * LAZY.pending());
    processes.thawRedis();
    eventually(() -> number(ask(Command.DBSIZE)) == 5_002 && up() == 1);
    assertTrue(meters.get("e2relay_redis_rewrites_total").counter().count() >= 1);
    assertEquals(0, registry.pending());
  }

  @Test
  void without_redis_calls_return_and_the_stop_does_too() throws Exception {
    processes.killRedis();
    RedisRegistry registry = start("node-a", LAZY);
    for (int i = 0; i < 1_000; i++) {
      registry.connected(uid(i), i);
      registry.disconnected(uid(i), i);
    }
    assertEquals(LAZY.pending(), registry.pending());
    assertEquals(0, up());
    registry.stop().await(20, TimeUnit.SECONDS);
    processes.startRedis();
    connectReader();
    RedisRegistry later = start("node-a", LAZY);
    later.connected(uid(1), 1);
    eventually(() -> members(1).equals(List.of("node-a:1")));
  }

  @Test
  void a_frozen_redis_does_not_hold_up_the_stop() throws Exception {
    RedisRegistry registry = start("node-a", LAZY);
    registry.connected(uid(1), 1);
    eventually(() -> members(1).equals(List.of("node-a:1")));
    processes.freezeRedis();
    registry.stop().await(20, TimeUnit.SECONDS);
    assertEquals(0, up());
    processes.thawRedis();
  }

  @Test
  void a_wrong_password_is_tried_again_and_leaks_no_connections() throws Exception {
    Redis wrong = new Redis(address.host(), address.port(), new Secret("wrong"));
    long before = clients();
    RedisRegistry registry = new RedisRegistry(vertx, wrong, "node-x", LAZY, new PresenceMetrics(meters),
        InstantSource.system());
    registries.add(registry);
    registry.start();
    registry.connected(uid(1), 1);
    long seen = accepted();
    eventually(() -> accepted() >= seen + 4);
    eventually(() -> clients() <= before + 1);
    assertEquals(0, up());
    assertEquals(List.of(), members(1));
  }

  private RedisRegistry start(String nodeId, PresenceConfig config) {
    RedisRegistry registry = registry(vertx, nodeId, config);
    registries.add(registry);
    registry.start();
    return registry;
  }

  private RedisRegistry registry(Vertx on, String nodeId, PresenceConfig config) {
    SimpleMeterRegistry own = registries.isEmpty() ? meters : new SimpleMeterRegistry();
    return new RedisRegistry(on, address, nodeId, config, new PresenceMetrics(own), InstantSource.system());
  }

  private void connectReader() {
    RedisOptions options = new RedisOptions().setConnectionString("redis://" + address.host() + ":" + address.port());
    if (!address.password().reveal().isEmpty()) {
      options.setPassword(address.password().reveal());
    }
    reader = io.vertx.redis.client.Redis.createClient(vertx, options);
  }

  private double up() {
    return meters.get("e2relay_redis_up").gauge().value();
  }

  private double score() {
    return Double.parseDouble(text(ask(Command.ZSCORE, key(1), "node-a:1")));
  }

  private List<String> members(int user) {
    List<String> members = new ArrayList<>();
    ask(Command.ZRANGE, key(user), "0", "-1").forEach(member -> members.add(member.toString()));
    return members.stream().sorted().toList();
  }

  private boolean leased(String nodeId) {
    return number(ask(Command.EXISTS, "e2r:node:" + nodeId)) == 1;
  }

  private long clients() {
    return text(ask(Command.CLIENT, "LIST")).lines().count();
  }

  private long accepted() {
    return text(ask(Command.INFO, "stats")).lines().filter(line -> line.startsWith("total_connections_received:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip())).sum();
  }

  private Response ask(Command command, String... arguments) {
    Request request = Request.cmd(command);
    for (String argument : arguments) {
      request.arg(argument);
    }
    try {
      return reader.send(request).await(20, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("Redis does not answer the test", e);
    }
  }

  private static String text(@Nullable Response answer) {
    return String.valueOf(answer);
  }

  private static long number(Response answer) {
    return Long.parseLong(text(answer));
  }

  private static String key(int user) {
    return new Entry(uid(user), 0).key();
  }

  private static Uid uid(int number) {
    return new Uid(ByteString.copyFrom(ByteBuffer.allocate(Uid.BYTES).putInt(number).array()));
  }

  private static void eventually(BooleanSupplier fact) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
    while (!fact.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "did not become true in " + DEADLINE_MS + " ms");
      LockSupport.parkNanos(5_000_000);
    }
  }
}
