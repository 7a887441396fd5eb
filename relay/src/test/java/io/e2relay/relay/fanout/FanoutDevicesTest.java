// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.DevicesCall;
import io.e2relay.protocol.bus.wire.DevicesReply;
import io.e2relay.protocol.bus.wire.RosterReply;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Page;
import io.e2relay.relay.RelayMetrics;
import io.e2relay.relay.session.PageOutcome;
import io.e2relay.relay.world.World;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/// News of a user's devices, over two loops whose tasks run when the test says so.
final class FanoutDevicesTest {
  private static final ByteString ANNE = World.user(1);
  private static final ByteString BOB = World.user(2);
  private static final ByteString KEPT = ByteString.copyFromUtf8("k".repeat(16));
  private static final ByteString GONE = ByteString.copyFromUtf8("g".repeat(16));

  private final Fanout fanout = new Fanout(
      new Rosters(_ -> Future.succeededFuture(RosterReply.getDefaultInstance()), 1_000), InstantSource.system(),
      new RelayMetrics(new SimpleMeterRegistry()));
  private final Queue<Runnable> first = new ArrayDeque<>();
  private final Queue<Runnable> second = new ArrayDeque<>();
  private final LoopFanout one = loop(first);
  private final LoopFanout other = loop(second);

  @Test
  void it_is_answered_when_every_loop_has_closed_the_others() throws TimeoutException {
    join(one, ANNE, GONE);
    join(other, ANNE, GONE);
    join(other, ANNE, KEPT);
    join(other, ANNE, ByteString.EMPTY);
    join(one, BOB, GONE);
    DevicesCall call = DevicesCall.newBuilder().setUid(ANNE).addDeviceIds(KEPT).build();
    Future<DevicesReply> answer = fanout.devices(call);
    first.remove().run();
    assertFalse(answer.isComplete());
    second.remove().run();
    assertEquals(2, answer.await(10, TimeUnit.SECONDS).getClosed());
    Future<DevicesReply> control = fanout.devices(call.toBuilder().addDeviceIds(GONE).build());
    first.remove().run();
    second.remove().run();
    assertEquals(0, control.await(10, TimeUnit.SECONDS).getClosed());
    assertTrue(first.isEmpty() && second.isEmpty());
  }

  private static void join(LoopFanout loop, ByteString uid, ByteString proven) {
    FakeOutlet outlet = new FakeOutlet(Subprotocol.PROTOBUF);
    outlet.proven = proven;
    loop.join(new Uid(uid), outlet);
  }

  private LoopFanout loop(Queue<Runnable> tasks) {
    LogView nothing = new LogView() {
      @Override
      public Future<Map<ByteString, UserState>> states(List<ByteString> uids) {
        return Future.succeededFuture(Map.of());
      }

      @Override
      public Future<Standing> standing(ByteString uid, ByteString conversation) {
        return Future.failedFuture("nobody asks");
      }

      @Override
      public Future<PageOutcome> page(ByteString uid, Range range, Subprotocol subprotocol) {
        return Future.succeededFuture(new PageOutcome.Read(Page.getDefaultInstance()));
      }

      @Override
      public Future<Map<ByteString, Long>> heads(List<ByteString> conversations) {
        return Future.succeededFuture(Map.of());
      }
    };
    return fanout.loop(nothing, new LoopFanout.Bounds(1, 1, 1_000, 1_000), tasks::add);
  }
}
