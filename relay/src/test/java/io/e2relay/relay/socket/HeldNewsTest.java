// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.CloseCode;
import io.e2relay.relay.session.Effect;
import io.e2relay.relay.socket.HeldNews.Kind;
import io.e2relay.relay.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class HeldNewsTest {
  private static final List<Effect> OLD = List.of(new Effect.Close(CloseCode.SLOW));
  private static final List<Effect> NEW = List.of(new Effect.Close(CloseCode.IDLE));
  private static final ByteString ROOM = World.conversation(1);

  private final HeldNews held = new HeldNews(2);

  @Test
  void of_each_thing_the_last_is_told_once() {
    for (Kind kind : Kind.values()) {
      held.hold(kind, ROOM, () -> OLD);
      held.hold(kind, ROOM, () -> NEW);
    }
    assertEquals(Stream.of(Kind.values()).map(_ -> NEW).toList(), told());
    assertEquals(List.of(), told());
  }

  @Test
  void of_each_kind_as_many_are_held_as_may_be_and_those_stay_up_to_date() {
    for (int i = 1; i <= 5; i++) {
      held.hold(Kind.READY, World.conversation(i), () -> OLD);
      held.hold(Kind.JOBS, World.conversation(i), () -> OLD);
    }
    held.hold(Kind.READY, World.conversation(2), () -> NEW);
    assertEquals(List.of(OLD, NEW, OLD, OLD), told());
  }

  private List<List<Effect>> told() {
    List<List<Effect>> told = new ArrayList<>();
    held.release(told::add);
    return told;
  }
}
