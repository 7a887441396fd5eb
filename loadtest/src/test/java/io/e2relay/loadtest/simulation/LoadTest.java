// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What can be said about a run, and what is refused before it begins.
final class LoadTest {
  private static final List<String> KEYS = List.of("users", "ramp", "duration", "msgRate", "groupSize", "payloadBytes",
      "baseUrl", "subprotocol", "tokens", "sendP99Ms", "connectP99Ms");

  @AfterEach
  void forget() {
    KEYS.forEach(System::clearProperty);
  }

  @Test
  void without_a_word_it_is_the_smoke_run_against_this_machine() {
    Load load = Load.of(24, 5, 1);
    assertEquals("https://localhost:8443", load.httpOrigin());
    assertEquals("wss://localhost:8443", load.wsOrigin());
    assertEquals(List.of(5, 5, 5, 5, 4),
        List.of(load.members(0), load.members(1), load.members(2), load.members(3), load.members(load.groups() - 1)));
    assertEquals(Subprotocol.PROTOBUF, load.subprotocol(0));
    assertEquals(Subprotocol.JSON, load.subprotocol(1));
  }

  @Test
  void both_kinds_of_address_are_understood() {
    System.setProperty("baseUrl", "ws://127.0.0.1:80/");
    assertEquals("http://127.0.0.1:80", Load.of(2, 2, 1).httpOrigin());
    assertEquals("ws://127.0.0.1:80", Load.of(2, 2, 1).wsOrigin());
  }

  @Test
  void what_is_out_of_bounds_is_refused_by_its_name() {
    Map<String, String> refusals = Map.of("users", "1", "ramp", "-1", "duration", "0", "msgRate", "fast", "groupSize",
        "1001", "payloadBytes", "65537", "baseUrl", "localhost:8443", "subprotocol", "xml", "sendP99Ms", "0");
    refusals.forEach((key, value) -> {
      System.setProperty(key, value);
      String message = String
          .valueOf(assertThrows(IllegalArgumentException.class, () -> Load.of(2, 2, 1)).getMessage());
      assertEquals("-D%s: is '%s', allowed are ".formatted(key, value),
          message.substring(0, message.indexOf("allowed are ") + "allowed are ".length()));
      System.clearProperty(key);
    });
    IO.println("shown: load settings=%d refused=%d".formatted(KEYS.size(), refusals.size()));
  }
}
