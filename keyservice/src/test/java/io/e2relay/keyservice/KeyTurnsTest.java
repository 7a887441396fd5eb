// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.e2relay.keyservice.account.InMemoryAccounts;
import io.e2relay.keyservice.database.Unavailable;
import io.e2relay.keyservice.turn.Turn;
import io.e2relay.keyservice.turn.Turns;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.DevicesCall;
import io.e2relay.protocol.bus.wire.DevicesReply;
import io.e2relay.protocol.id.Uid;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How the worker goes on, and when it gives up until it is called again.
final class KeyTurnsTest {
  private static final Supplier<Turn> DONE = Turn.Passed::new;
  private static final Supplier<Turn> NOTHING = Turn.Nothing::new;

  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = Bus.of(vertx, Duration.ofSeconds(5));
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ConcurrentLinkedQueue<Supplier<Turn>> script = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<Integer> left = new LinkedBlockingQueue<>();
  private final KeyTurns worker;

  KeyTurnsTest() throws TimeoutException {
    KeyMetrics metrics = new KeyMetrics(registry);
    Turns turns = () -> {
      Supplier<Turn> next = script.poll();
      left.add(script.size());
      return next == null ? new Turn.Nothing() : next.get();
    };
    Home home = new Home();
    vertx.deployVerticle(home, new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD)).await(10,
        SECONDS);
    KeyNews news = new KeyNews(bus, Duration.ofSeconds(5), metrics, () -> {
    });
    worker = new KeyTurns(turns, new InMemoryAccounts(), news, metrics, home.context());
  }

  private static Turn unavailable() {
    throw new Unavailable("not now");
  }

  private static Turn broken() {
    throw new IllegalStateException("broken");
  }

  private static final class Home extends VerticleBase {
    Context context() {
      return context;
    }
  }

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(10, SECONDS);
  }

  @Test
  void it_goes_on_until_there_is_nothing_and_comes_back_when_called() throws Exception {
    script.addAll(List.of(DONE, DONE, NOTHING, DONE));
    worker.call();
    assertLeft(3, 2, 1);
    worker.call();
    assertLeft(0);
  }

  @Test
  void after_three_failures_in_a_row_it_waits_for_the_next_call() throws Exception {
    script.addAll(List.of(KeyTurnsTest::unavailable, KeyTurnsTest::broken, DONE, KeyTurnsTest::unavailable,
        KeyTurnsTest::unavailable, KeyTurnsTest::broken, DONE, NOTHING));
    worker.call();
    assertLeft(7, 6, 5, 4, 3, 2);
    worker.call();
    assertLeft(1, 0);
    assertEquals(2, registry.get("e2relay_keys_failures_total").counter().count());
  }

  @Test
  void when_a_user_is_done_the_relays_hear_of_the_devices_once_more() throws Exception {
    BlockingQueue<DevicesCall> told = new LinkedBlockingQueue<>();
    bus.answer(Calls.DEVICES, call -> {
      told.add(call);
      return Future.succeededFuture(DevicesReply.getDefaultInstance());
    }).await(10, SECONDS);
    Uid uid = Station.user();
    script.addAll(List.of(() -> new Turn.Finished(uid), NOTHING));
    worker.call();
    assertLeft(1, 0);
    assertEquals(DevicesCall.newBuilder().setUid(uid.bytes()).build(), told.poll(10, SECONDS));
  }

  @Test
  void who_is_stopped_does_nothing_more() throws Exception {
    script.addAll(List.of(DONE, () -> {
      worker.stop();
      return new Turn.Passed();
    }, DONE));
    worker.call();
    assertLeft(2, 1);
    worker.stop().await(10, SECONDS);
    worker.call();
    assertFalse(script.isEmpty());
  }

  private void assertLeft(int... expected) throws InterruptedException {
    for (int count : expected) {
      assertEquals(count, left.poll(10, SECONDS));
    }
  }
}
