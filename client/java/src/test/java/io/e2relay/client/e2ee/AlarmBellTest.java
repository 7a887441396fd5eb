// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AlarmBellTest {
  private static final int MAX = AlarmBell.REMEMBERED_MAX;
  private final AlarmBell bell = new AlarmBell();
  private final List<Alarm> heard = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void end() {
    bell.close();
  }

  @Test
  void who_listens_late_hears_what_was_raised_before_in_its_order() {
    bell.raise(alarm(1));
    bell.raise(alarm(2));
    bell.raise(alarm(1));
    bell.handler(heard::add);
    bell.raise(alarm(3));
    Eventually.holds(() -> heard.equals(List.of(alarm(1), alarm(2), alarm(3))));
  }

  @Test
  void the_first_ones_are_kept_for_who_listens_late_and_nothing_is_kept_from_who_listens() {
    for (int number = 0; number < MAX + 1; number++) {
      bell.raise(alarm(number));
    }
    assertEquals(MAX, bell.raised().size());
    bell.handler(heard::add);
    bell.raise(alarm(MAX + 1));
    Eventually.holds(() -> heard.size() == MAX + 1);
    assertEquals(List.of(alarm(0), alarm(MAX + 1)), List.of(heard.getFirst(), heard.getLast()));
    assertEquals(MAX, bell.raised().size());
    IO.println("shown: alarms raised=%d kept=%d heard=%d".formatted(MAX + 2, bell.raised().size(), heard.size()));
  }

  private static Alarm alarm(long number) {
    return new Alarm.AccountRolledBack(new Uid(ByteString.copyFrom(new byte[Uid.BYTES])), number, 0);
  }
}
