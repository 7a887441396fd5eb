// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.world;

import com.google.protobuf.Message;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Call;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AppendCall;
import io.e2relay.protocol.bus.wire.AppendReply;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.UserStatesReply;
import io.e2relay.protocol.wire.Entry;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// Answers the relay's calls out of a world, and can be told to fail.
public final class WorldOnBus {
  private final Map<Call<?, ?>, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final Bus bus;
  private volatile boolean broken;
  private volatile boolean silent;

  private WorldOnBus(Bus bus) {
    this.bus = bus;
  }

  public static WorldOnBus answer(Bus bus, World world) throws TimeoutException {
    WorldOnBus answers = new WorldOnBus(bus);
    Future
        .all(List.of(answers.answer(bus, Calls.MEMBERSHIP, world::membership),
            answers.answer(bus, Calls.ROSTER, world::roster), answers.answer(bus, Calls.HEADS, world::heads),
            answers.answer(bus, Calls.READ, world::read),
            answers.answer(bus, Calls.APPEND, call -> answers.append(world, call)),
            answers.answer(bus, Calls.SIGN_IN, world::signIn),
            answers.answer(bus, Calls.USER_STATES, _ -> UserStatesReply.getDefaultInstance())))
        .await(10, TimeUnit.SECONDS);
    return answers;
  }

  /// From now on every call fails, or no longer.
  public void broken(boolean now) {
    broken = now;
  }

  /// From now on hints are lost, or no longer.
  public void silent(boolean now) {
    silent = now;
  }

  public void hint(Entry... entries) {
    if (!silent) {
      bus.tell(Calls.COMMITTED, CommittedHint.newBuilder().addAllEntries(List.of(entries)).build());
    }
  }

  public int asked(Call<?, ?> call) {
    return asked.computeIfAbsent(call, _ -> new AtomicInteger()).get();
  }

  private AppendReply append(World world, AppendCall call) {
    AppendReply reply = world.append(call);
    if (reply.hasSent()) {
      hint(world.entry(call.getConversationId(), reply.getSent().getSeq()));
    }
    return reply;
  }

  private <Q extends Message, A extends Message> Future<?> answer(Bus bus, Call<Q, A> call, Function<Q, A> answer) {
    return bus.answer(call, question -> {
      asked.computeIfAbsent(call, _ -> new AtomicInteger()).incrementAndGet();
      return broken ? Future.failedFuture("broken") : Future.succeededFuture(answer.apply(question));
    });
  }
}
