// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.backing.BackingExtension;
import io.e2relay.backing.BackingProcesses;
import io.e2relay.protocol.bus.Peer;
import io.e2relay.protocol.bus.Role;
import io.e2relay.protocol.config.Redis;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What one node writes and another one reads, on a real Redis that is emptied and killed.
@ExtendWith(BackingExtension.class)
final class RedisHearingIT {
  private static final long DEADLINE_MS = 30_000;
  private static final Peer NODE = new Peer("node", 7, Set.of(Role.RELAY));
  private static final Set<String> TOLD = Set.of(NODE.id());
  private static final ByteString CHAT = ByteString.copyFromUtf8("chat");
  private static final ByteString ROOM = ByteString.copyFromUtf8("room");
  private static final Map<ByteString, Set<String>> EVERYTHING = Map.of(CHAT, TOLD, ROOM, TOLD);
  private static final Map<ByteString, Set<String>> CHAT_ONLY = Map.of(CHAT, TOLD, ROOM, Set.of());

  private final Vertx vertx = Vertx.vertx();
  private final AtomicBoolean crowded = new AtomicBoolean(true);
  private final List<ByteString> looked = new CopyOnWriteArrayList<>();
  private final AtomicInteger lookedAtAll = new AtomicInteger();
  private BackingProcesses processes;
  private RedisHearing hearing;
  private RedisTargets targets;

  @BeforeEach
  void start_from_nothing(BackingProcesses own) throws Exception {
    processes = own;
    processes.thawRedis();
    processes.startRedis();
    empty();
    hearing = new RedisHearing(vertx, processes.redis(), NODE.id(), crowded::get, new RedisHearing.Repairs() {
      @Override
      public void look(List<ByteString> conversations) {
        looked.addAll(conversations);
      }

      @Override
      public void lookSoon() {
        lookedAtAll.incrementAndGet();
      }
    }, InstantSource.system());
    targets = RedisTargets.start(vertx, processes.redis());
    hearing.start();
  }

  @AfterEach
  void stop() throws Exception {
    hearing.stop().await(20, TimeUnit.SECONDS);
    targets.stop().await(20, TimeUnit.SECONDS);
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  private void empty() throws Exception {
    Redis redis = processes.redis();
    var client = io.vertx.redis.client.Redis.createClient(vertx, new RedisOptions()
        .setConnectionString("redis://" + redis.host() + ":" + redis.port()).setPassword(redis.password().reveal()));
    client.send(Request.cmd(Command.FLUSHALL)).await(20, TimeUnit.SECONDS);
    client.close().await(20, TimeUnit.SECONDS);
  }

  private Map<ByteString, Set<String>> listeners() throws Exception {
    return targets.listeners(List.of(NODE), Set.of(CHAT, ROOM)).await(20, TimeUnit.SECONDS);
  }

  private static void eventually(Callable<Boolean> fact) throws Exception {
    long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
    Exception last = null;
    while (System.nanoTime() < deadline) {
      try {
        if (fact.call()) {
          return;
        }
      } catch (Exception e) {
        last = e;
      }
      LockSupport.parkNanos(5_000_000);
    }
    throw new AssertionError("not in time", last);
  }

  @Test
  void a_node_is_told_of_what_it_listens_to_and_of_nothing_else() throws Exception {
    hearing.first(CHAT);
    eventually(() -> listeners().equals(CHAT_ONLY));
    hearing.first(ROOM);
    eventually(() -> listeners().equals(EVERYTHING));
    hearing.last(ROOM);
    eventually(() -> listeners().equals(CHAT_ONLY));
  }

  @Test
  void what_is_new_is_compared_with_the_log_when_no_older_answer_is_used_any_more() throws Exception {
    hearing.first(CHAT);
    eventually(() -> listeners().equals(CHAT_ONLY));
    hearing.first(ROOM);
    eventually(() -> looked.contains(ROOM));
    assertEquals(EVERYTHING, listeners());
  }

  @Test
  void while_nodes_are_few_nothing_is_written_and_everything_told() throws Exception {
    crowded.set(false);
    hearing.first(CHAT);
    eventually(() -> listeners().equals(EVERYTHING));
    crowded.set(true);
    eventually(() -> listeners().equals(CHAT_ONLY));
    crowded.set(false);
    eventually(() -> listeners().equals(EVERYTHING));
  }

  @Test
  void when_redis_was_emptied_everything_is_told_until_all_of_it_is_written_again() throws Exception {
    hearing.first(CHAT);
    eventually(() -> listeners().equals(CHAT_ONLY));
    empty();
    // Whatever the moment, no answer leaves out who listens.
    eventually(() -> {
      Map<ByteString, Set<String>> now = listeners();
      assertEquals(TOLD, now.get(CHAT));
      return now.equals(CHAT_ONLY);
    });
  }

  @Test
  void without_redis_there_is_no_answer_and_the_node_looks_itself_while_it_may_still_be_believed() throws Exception {
    hearing.first(CHAT);
    eventually(() -> listeners().equals(CHAT_ONLY));
    assertEquals(0, lookedAtAll.get());
    processes.killRedis();
    eventually(() -> lookedAtAll.get() > 0);
    assertThrows(Exception.class, this::listeners);
    hearing.first(ROOM);
    hearing.last(CHAT);
    processes.startRedis();
    eventually(() -> listeners().equals(Map.of(CHAT, Set.of(), ROOM, TOLD)));
  }

  @Test
  void a_node_that_stops_is_told_everything_to_the_end() throws Exception {
    hearing.first(CHAT);
    eventually(() -> listeners().equals(CHAT_ONLY));
    hearing.stop().await(20, TimeUnit.SECONDS);
    assertEquals(EVERYTHING, listeners());
  }
}
