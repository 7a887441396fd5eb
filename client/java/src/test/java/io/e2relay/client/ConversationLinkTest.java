// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.e2relay.protocol.id.ConversationId;
import org.junit.jupiter.api.Test;

final class ConversationLinkTest {
  @Test
  void a_link_survives_being_written_and_read() {
    ConversationLink link = new ConversationLink(new ConversationId(Connection.random(32)), Connection.random(16));
    assertEquals(link, ConversationLink.parse(link.toString()));
  }

  @Test
  void half_a_link_is_no_link() {
    String half = new ConversationLink(new ConversationId(Connection.random(32)), Connection.random(16)).toString();
    assertThrows(IllegalArgumentException.class, () -> ConversationLink.parse(half.substring(0, half.indexOf('.'))));
  }
}
