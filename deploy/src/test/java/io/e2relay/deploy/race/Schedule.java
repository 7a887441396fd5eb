// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.race;

import io.e2relay.client.crypto.MadeEpoch;
import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.wire.Conversation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/// What some people do to one conversation at the same time, by a seed: send, rotate, add, remove, leave, get another
/// key, and come late with a record that was made before.
final class Schedule {
  enum Step {
    SEND, ROTATE, ADD, REMOVE, LEAVE, TURN, LATE
  }

  private static final int PEOPLE = 6;
  private static final int MEMBERS = 4;
  private static final int THREADS = 3;
  private static final int STEPS = 7;
  private static final int CONVERGE_TRIES = 10;
  // Sending and rotating happen most.
  private static final List<Step> DICE = List.of(Step.SEND, Step.SEND, Step.SEND, Step.ROTATE, Step.ROTATE, Step.ADD,
      Step.REMOVE, Step.REMOVE, Step.LEAVE, Step.TURN, Step.TURN, Step.LATE, Step.LATE);

  private final long seed;
  private final List<Somebody> people = new ArrayList<>();
  private final Group group;
  private final Map<Uid, EpochChain> views = new ConcurrentHashMap<>();
  private final Map<Step, LongAdder> done = new ConcurrentHashMap<>();
  private final Map<ErrorCode, LongAdder> refused = new ConcurrentHashMap<>();

  Schedule(KeyStation station, long seed) {
    this.seed = seed;
    for (int i = 0; i < PEOPLE; i++) {
      people.add(new Somebody(Group.TENANT, new Uid(Group.random(Uid.BYTES))));
    }
    group = new Group(station, people, MEMBERS);
    people.forEach(somebody -> views.put(somebody.uid(), group.first()));
  }

  Group group() {
    return group;
  }

  List<Somebody> people() {
    return people;
  }

  Map<Step, LongAdder> done() {
    return done;
  }

  Map<ErrorCode, LongAdder> refused() {
    return refused;
  }

  void run(KeyStation station) throws InterruptedException, ExecutionException {
    Random random = new Random(seed);
    List<Long> seeds = random.longs(THREADS).boxed().toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      seeds.forEach(own -> running.add(threads.submit(() -> act(station, new Random(own)))));
      for (Future<?> one : running) {
        one.get();
      }
    }
  }

  private void act(KeyStation station, Random random) {
    Map<Uid, MadeEpoch> kept = new HashMap<>();
    for (int i = 0; i < STEPS; i++) {
      Somebody by = people.get(random.nextInt(PEOPLE));
      Somebody other = people.get(random.nextInt(PEOPLE));
      Step step = DICE.get(random.nextInt(DICE.size()));
      // Some look before they act, and some do not.
      if (random.nextBoolean()) {
        look(by);
      }
      EpochChain view = view(by);
      switch (step) {
        case SEND ->
          group.send(by, view.last().statement().epoch().value()).ifPresent(reply -> count(step, reply.getRefusal()));
        case ROTATE -> group.make(by, view, List.of()).ifPresent(made -> {
          kept.putIfAbsent(by.uid(), made);
          count(step, group.put(by, made).getRefusal());
        });
        case ADD ->
          group.make(by, view, List.of(other)).ifPresent(made -> count(step, group.put(by, made).getRefusal()));
        case REMOVE -> count(step, group.remove(by, other));
        case LEAVE -> count(step, group.leave(by));
        case TURN -> count(step, by.turn(station).getRefusal());
        case LATE -> {
          MadeEpoch made = kept.remove(by.uid());
          if (made == null) {
            group.make(by, view, List.of()).ifPresent(early -> kept.put(by.uid(), early));
          } else {
            count(step, group.put(by, made).getRefusal());
          }
        }
      }
    }
  }

  private EpochChain view(Somebody by) {
    return Objects.requireNonNull(views.get(by.uid()), "everybody saw the first epoch");
  }

  private void look(Somebody by) {
    group.look(by, view(by)).ifPresent(chain -> views.put(by.uid(), chain));
  }

  private void count(Step step, Refusal refusal) {
    if (refusal.getCode() == 0) {
      done.computeIfAbsent(step, _ -> new LongAdder()).increment();
    } else {
      refused.computeIfAbsent(ErrorCode.of(refusal), _ -> new LongAdder()).increment();
    }
  }

  /// Whoever is left opens an epoch for the newest keys of all, and sends; false where nobody is left.
  boolean converges() {
    for (int tried = 0; tried < CONVERGE_TRIES; tried++) {
      Optional<Somebody> member = people.stream().filter(somebody -> group.conversation(somebody).isPresent())
          .findFirst();
      if (member.isEmpty()) {
        return false;
      }
      Somebody by = member.get();
      look(by);
      Conversation now = group.conversation(by).orElseThrow();
      if (now.getClosed()) {
        group.make(by, view(by), List.of()).ifPresent(made -> group.put(by, made));
      } else if (group.send(by, now.getEpoch()).map(reply -> !reply.hasRefusal()).orElse(false)) {
        return true;
      }
    }
    throw new AssertionError("seed " + seed + " does not converge");
  }
}
