// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.frame.Subprotocol;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class UpgradeRuleTest {
  private static final String HOST = "chat.example:8443";

  private final UpgradeRule rule = new UpgradeRule(List.of("https://friend.example"));

  @Test
  void what_is_right_is_let_in() {
    assertEquals(accepted(Subprotocol.PROTOBUF), rule.decide(asked(null, "e2r.v1.pb")));
    assertEquals(accepted(Subprotocol.JSON), rule.decide(asked(null, "e2r.v9", "e2r.v1.json", "e2r.v1.pb")));
  }

  @Test
  void each_reason_has_its_status() {
    assertEquals(404, status(new UpgradeRule.Asked("/v1/connect/", "13", null, HOST, List.of("e2r.v1.pb"), false)));
    assertEquals(404, status(new UpgradeRule.Asked(null, "13", null, HOST, List.of("e2r.v1.pb"), false)));
    assertEquals(426, status(new UpgradeRule.Asked("/v1/connect", "8", null, HOST, List.of("e2r.v1.pb"), false)));
    assertEquals(426, status(new UpgradeRule.Asked("/v1/connect", null, null, HOST, List.of("e2r.v1.pb"), false)));
    assertEquals(403, status(asked("https://foreign.example", "e2r.v1.pb")));
    assertEquals(400, status(asked(null)));
    assertEquals(400, status(asked(null, "E2R.V1.PB")));
    assertEquals(503, status(new UpgradeRule.Asked("/v1/connect", "13", null, HOST, List.of("e2r.v1.pb"), true)));
  }

  @Test
  void an_origin_is_the_servers_own_or_a_listed_one_exactly() {
    for (String origin : List.of("https://chat.example:8443", "https://CHAT.example:8443", "https://friend.example",
        "")) {
      assertEquals(accepted(Subprotocol.PROTOBUF), rule.decide(asked(origin, "e2r.v1.pb")), origin);
    }
    for (String origin : List.of("null", "https://chat.example", "https://chat.example:8443.foreign.example",
        "https://friend.example.foreign.example", "https://friend.example:444", "not an origin", "https://")) {
      assertEquals(403, status(asked(origin, "e2r.v1.pb")), origin);
    }
  }

  private int status(UpgradeRule.Asked asked) {
    return ((UpgradeRule.Verdict.Refused) rule.decide(asked)).status();
  }

  private static UpgradeRule.Asked asked(@Nullable String origin, String... subprotocols) {
    return new UpgradeRule.Asked("/v1/connect", "13", origin, HOST, List.of(subprotocols), false);
  }

  private static UpgradeRule.Verdict accepted(Subprotocol subprotocol) {
    return new UpgradeRule.Verdict.Accepted(subprotocol);
  }
}
