// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.relay.RelayMetrics;
import io.e2relay.relay.world.World;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Many lives of a small node, each from a seed: hints are lost, doubled and late, answers fail, members come and go,
/// clients stall and return. At the end everything heals, and every member has everything.
final class FanoutSimulation {
  private static final int STEPS = 3_000;
  private static final int CONVERSATIONS = 3;
  private static final int USERS = 6;
  private static final LoopFanout.Bounds BOUNDS = new LoopFanout.Bounds(3, 4, 1_000, 50);

  static LongStream seeds() {
    String given = System.getProperty("e2relay.seed", "");
    return given.isEmpty() ? LongStream.range(0, 150) : LongStream.of(Long.parseLong(given));
  }

  @ParameterizedTest(name = "seed {0} (repeat it with -De2relay.seed={0})")
  @MethodSource("seeds")
  void every_member_gets_everything_once_in_order_and_nobody_else_anything(long seed) {
    new Run(seed).live();
  }

  private static final class Run {
    private final SplittableRandom random;
    private final World world = new World();
    private final SimulatedLog log;
    private final Fanout fanout;
    private final List<Deque<Runnable>> tasks = new ArrayList<>();
    private final List<LoopFanout> loops = new ArrayList<>();
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final List<CommittedHint> hints = new ArrayList<>();
    private long nowMs = 1;

    Run(long seed) {
      random = new SplittableRandom(seed);
      log = new SimulatedLog(world, random);
      RelayMetrics metrics = new RelayMetrics(new SimpleMeterRegistry());
      fanout = new Fanout(new Rosters(log::roster, 10), InstantSource.fixed(Instant.EPOCH), metrics);
      for (int i = 0; i < 2; i++) {
        Deque<Runnable> queue = new ArrayDeque<>();
        tasks.add(queue);
        loops.add(fanout.loop(log, BOUNDS, queue::add));
      }
      for (int i = 0; i < CONVERSATIONS; i++) {
        world.members(World.conversation(i), Set.of(World.user(0), World.user(1)));
      }
      for (int i = 0; i < 2 * USERS; i++) {
        clients.add(new SimulatedClient(world, loops.get(i % 2), World.user(i % USERS),
            random.nextBoolean() ? Subprotocol.PROTOBUF : Subprotocol.JSON));
      }
    }

    void live() {
      log.failOneIn(12);
      for (int i = 0; i < STEPS; i++) {
        step();
      }
      heal();
      for (SimulatedClient client : clients) {
        for (int i = 0; i < CONVERSATIONS; i++) {
          ByteString conversation = World.conversation(i);
          boolean member = world.roster(conversation).contains(client.uid);
          assertEquals(member, client.isStanding(conversation));
          if (member) {
            assertTrue(client.isComplete(conversation),
                () -> "at " + client.cursor(conversation) + " of " + world.head(conversation));
          }
        }
      }
    }

    private void step() {
      nowMs += random.nextInt(20);
      SimulatedClient client = clients.get(random.nextInt(clients.size()));
      ByteString conversation = World.conversation(random.nextInt(CONVERSATIONS));
      switch (random.nextInt(20)) {
        case 0, 1, 2 -> say(conversation);
        case 3, 4, 5 -> repeat(2, this::hint);
        case 6, 7, 8, 9, 10 -> repeat(12, log::step);
        case 11, 12, 13 -> repeat(4, this::runTask);
        case 14 -> members(conversation);
        case 15 -> client.subscribe(conversation);
        case 16 -> client.room(random.nextInt(4) == 0 ? 0 : random.nextInt(1, 8));
        case 17 -> client.room(Integer.MAX_VALUE);
        case 18 -> {
          if (!client.isConnected()) {
            client.connect();
          } else if (random.nextInt(4) == 0) {
            client.disconnect();
          } else if (random.nextInt(4) == 0) {
            client.unsubscribe(conversation);
          }
        }
        case 19 -> loops.forEach(loop -> loop.tick(nowMs));
        default -> throw new IllegalStateException("no such step");
      }
      clients.forEach(SimulatedClient::settle);
    }

    private void repeat(int atMost, Runnable step) {
      for (int i = random.nextInt(atMost + 1); i > 0; i--) {
        step.run();
      }
    }

    private void say(ByteString conversation) {
      List<ByteString> members = List.copyOf(world.roster(conversation));
      ByteString uid = members.isEmpty() ? World.user(0) : members.get(random.nextInt(members.size()));
      committed(world.say(conversation, uid, ByteString.EMPTY));
    }

    /// Adds or removes somebody; of those removed the relay hears by DETACH, unless this node is deaf.
    private void members(ByteString conversation) {
      ByteString uid = World.user(random.nextInt(USERS));
      Set<ByteString> members = new HashSet<>(world.roster(conversation));
      boolean removed = members.remove(uid);
      if (!removed) {
        members.add(uid);
      }
      committed(world.members(conversation, members));
      if (removed && random.nextInt(4) > 0) {
        detach(conversation, uid);
      }
    }

    private void detach(ByteString conversation, ByteString uid) {
      List<Runnable> answered = clients.stream().filter(client -> client.uid.equals(uid))
          .map(client -> client.detaching(conversation)).toList();
      fanout.detach(DetachCall.newBuilder().setConversationId(conversation).addUids(uid).build())
          .onSuccess(_ -> answered.forEach(Runnable::run));
    }

    private void committed(Entry entry) {
      // Three of ten are lost, two come twice, all of them at any time.
      int fate = random.nextInt(10);
      CommittedHint hint = CommittedHint.newBuilder().addEntries(entry).build();
      for (int i = fate < 3 ? 2 : fate < 5 ? 0 : 1; i < 2; i++) {
        hints.add(hint);
      }
    }

    private void hint() {
      if (!hints.isEmpty()) {
        int index = random.nextInt(3) > 0 ? 0 : random.nextInt(hints.size());
        fanout.committed(hints.remove(index));
      }
    }

    private void runTask() {
      Runnable task = tasks.get(random.nextInt(tasks.size())).poll();
      if (task != null) {
        task.run();
      }
    }

    private void heal() {
      log.failOneIn(0);
      clients.forEach(client -> client.room(Integer.MAX_VALUE));
      settleAll();
      for (SimulatedClient client : clients) {
        if (!client.isConnected()) {
          client.connect();
        }
        for (int i = 0; i < CONVERSATIONS; i++) {
          ByteString conversation = World.conversation(i);
          if (world.roster(conversation).contains(client.uid) && !client.isStanding(conversation)) {
            client.subscribe(conversation);
          }
        }
      }
      settleAll();
    }

    private void settleAll() {
      for (int round = 0; round < 3; round++) {
        nowMs += BOUNDS.sweepEveryMs();
        loops.forEach(loop -> loop.tick(nowMs));
        while (!log.isIdle() || tasks.stream().anyMatch(queue -> !queue.isEmpty()) || !hints.isEmpty()) {
          hint();
          runTask();
          log.step();
        }
        clients.forEach(SimulatedClient::settle);
      }
    }
  }
}
