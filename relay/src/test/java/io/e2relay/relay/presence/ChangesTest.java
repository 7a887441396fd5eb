// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import org.junit.jupiter.api.Test;

final class ChangesTest {
  private static final Changes.Change CAME = new Changes.Change.Came(entry(1));
  private static final Changes.Change WENT = new Changes.Change.Went(entry(1));

  @Test
  void changes_come_out_in_the_order_they_went_in() {
    Changes changes = new Changes(2);
    assertTrue(changes.offer(CAME));
    assertTrue(changes.offer(WENT));
    assertEquals(CAME, changes.poll());
    assertEquals(WENT, changes.poll());
    assertNull(changes.poll());
  }

  @Test
  void the_one_beyond_the_bound_is_dropped_and_room_comes_back() {
    Changes changes = new Changes(1);
    assertTrue(changes.offer(CAME));
    assertFalse(changes.offer(WENT));
    assertEquals(1, changes.size());
    assertEquals(CAME, changes.poll());
    assertEquals(0, changes.size());
    assertTrue(changes.offer(WENT));
  }

  private static Entry entry(long connection) {
    return new Entry(new Uid(ByteString.copyFrom(new byte[Uid.BYTES])), connection);
  }
}
