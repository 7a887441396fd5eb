// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RouterTest {
  private static final Peer ONE = new Peer("one", 1, Set.of(Role.STORE));
  private static final Peer TWO = new Peer("two", 2, Set.of(Role.STORE, Role.KEYSERVICE));
  private static final Peer THREE = new Peer("three", 3, Set.of(Role.STORE));
  private static final List<ByteString> CONVERSATIONS = IntStream.range(0, 3_000)
      .mapToObj(i -> ByteString.copyFrom(ByteBuffer.allocate(32).putInt(28, i).array())).toList();

  private List<Peer> audible = List.of(ONE, TWO, THREE);
  private final Router router = new Router(() -> audible);

  private Map<ByteString, Peer> places() {
    Map<ByteString, Peer> places = new HashMap<>();
    for (ByteString conversation : CONVERSATIONS) {
      places.put(conversation, requireNonNull(router.hold(conversation)));
      router.release(conversation);
    }
    return places;
  }

  @Test
  void a_conversation_has_one_store_and_the_stores_share_them() {
    Map<ByteString, Peer> places = places();
    assertEquals(places, places());
    for (Peer store : audible) {
      long share = places.values().stream().filter(store::equals).count();
      assertTrue(share > 800 && share < 1_200, store + " has " + share);
    }
    assertEquals(0, router.held());
  }

  @Test
  void when_a_store_goes_only_its_conversations_move() {
    Map<ByteString, Peer> before = places();
    audible = List.of(ONE, THREE);
    Map<ByteString, Peer> after = places();
    before.forEach((conversation, store) -> {
      if (store.equals(TWO)) {
        assertNotEquals(TWO, after.get(conversation));
      } else {
        assertEquals(store, after.get(conversation));
      }
    });
  }

  @Test
  void a_conversation_with_messages_on_their_way_stays_where_they_are() {
    audible = List.of(ONE, TWO);
    Map<ByteString, Peer> before = places();
    Map<ByteString, Peer> alone = new HashMap<>();
    audible = List.of(ONE, TWO, THREE);
    places().forEach((conversation, store) -> {
      if (store.equals(THREE)) {
        alone.put(conversation, requireNonNull(before.get(conversation)));
      }
    });
    ByteString moving = alone.keySet().iterator().next();
    audible = List.of(ONE, TWO);
    assertEquals(alone.get(moving), router.hold(moving));
    audible = List.of(ONE, TWO, THREE);
    assertEquals(alone.get(moving), router.hold(moving), "the first is not back yet");
    router.release(moving);
    assertEquals(alone.get(moving), router.hold(moving), "the second is not back yet");
    router.release(moving);
    router.release(moving);
    assertEquals(THREE, router.hold(moving));
    router.release(moving);
    assertEquals(0, router.held());
  }

  @Test
  void nothing_overtakes_what_is_on_its_way_to_a_store_that_is_gone() {
    ByteString conversation = CONVERSATIONS.getFirst();
    Peer store = router.hold(conversation);
    audible = audible.stream().filter(peer -> !peer.equals(store)).toList();
    assertNull(router.hold(conversation));
    router.release(conversation);
    assertNotEquals(store, router.hold(conversation));
  }

  @Test
  void others_are_asked_in_turn_and_only_who_plays_the_role() {
    assertEquals(TWO, router.any(Role.KEYSERVICE));
    assertEquals(TWO, router.any(Role.KEYSERVICE));
    assertEquals(3, IntStream.range(0, 3).mapToObj(_ -> router.any(Role.STORE)).distinct().count());
    assertNull(router.any(Role.RELAY));
    audible = List.of();
    assertNull(router.hold(CONVERSATIONS.getFirst()));
    assertEquals(0, router.held());
  }
}
