// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.attack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.deploy.endtoend.ServiceExtension;
import io.e2relay.deploy.endtoend.Shown;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What passes between a device and the service when it is switched on again, with the server that counts.
final class ResumeIT {
  private static final int MESSAGES = 2_000;
  private static final int AGAIN_MAX = 10;

  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  @Test
  void a_device_that_is_switched_on_again_is_sent_only_what_it_has_not_handled() throws Exception {
    try (World world = new World(SERVICE)) {
      for (int i = 0; i < MESSAGES; i++) {
        world.alice.says(world.chat, "message " + i);
      }
      world.bob.hearsLast(world.chat, "message " + (MESSAGES - 1));
      long first = entries(world.server.told(world.bob.name()));
      world.bob.close();
      world.alice.says(world.chat, "one more");
      world.bob.reopens();
      world.bob.hears(world.chat, "one more");
      long second = entries(world.server.told(world.bob.name())) - first;
      assertTrue(first >= MESSAGES && second <= AGAIN_MAX, "entries first=" + first + " second=" + second);
      List<String> all = world.bob.history(world.chat);
      assertEquals(MESSAGES + 3, all.size());
      assertEquals(List.of(), world.bob.alarms());
      Shown.line("resume_start messages=%d entries_first=%d entries_second=%d".formatted(MESSAGES, first, second));
    }
  }

  /// Entries of logs, by themselves or in pages.
  private static long entries(List<ServerFrame> told) {
    return told.stream().mapToLong(frame -> frame.getPage().getEntriesCount()
        + (frame.hasMessage() || frame.hasControl() || frame.hasGap() ? 1 : 0)).sum();
  }
}
