// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.protocol.bus.wire.Refusal;
import io.e2relay.protocol.wire.Advice;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ErrorCodeTest {
  /// Clients of every release count on these. A line is added for a new code; none is ever changed, and that of a
  /// code which is no more stays with the name "retired".
  private static final String FROZEN_ERRORS = """
      100 MALFORMED FIX_CLIENT
      101 TOO_LARGE FIX_CLIENT
      102 HELLO_FIRST FIX_CLIENT
      103 LIMIT_EXCEEDED FIX_CLIENT
      104 UNSUPPORTED FIX_CLIENT
      110 TOKEN_INVALID REAUTH
      111 TOKEN_EXPIRED REAUTH
      112 TOKEN_OTHER_USER FIX_CLIENT
      113 DEVICE_UNPROVEN REAUTH
      114 DEVICE_IDLE REAUTH
      116 BACKUP_REFUSED GIVE_UP
      117 BACKUP_LOCKED REAUTH
      120 RECORD_REFUSED FIX_CLIENT
      121 PLAINTEXT_REJECTED FIX_CLIENT
      122 RECORD_REQUIRED FIX_CLIENT
      200 NOT_A_MEMBER GIVE_UP
      201 MEMBER_PENDING RETRY
      202 STALE_EPOCH REFRESH_KEYS
      203 EPOCH_CLOSED ROTATE
      204 DUPLICATE_DIFFERS FIX_CLIENT
      205 NOT_ALLOWED GIVE_UP
      206 ACCOUNT_MOVED REFRESH_KEYS
      207 BACKUP_MOVED REFRESH_KEYS
      208 OUT_OF_ORDER RETRY
      209 STALE_KEYS REFRESH_KEYS
      210 EPOCH_MOVED REFRESH_KEYS
      211 ROSTER_MISMATCH REFRESH_KEYS
      212 UPGRADED GIVE_UP
      213 LAST_ADMIN FIX_CLIENT
      300 TOO_FAST RETRY
      301 TOO_MANY_IN_FLIGHT RETRY
      500 UNAVAILABLE RETRY
      """;

  private static final String FROZEN_CLOSES = """
      1012 RESTARTING
      4001 HELLO_TIMEOUT
      4002 IDLE
      4008 SLOW
      4013 OVERLOADED
      4401 TOKEN_EXPIRED
      4429 TOO_FAST
      4500 PROTOCOL
      4501 TOO_LARGE
      4502 TOKEN_REFUSED
      4503 DEVICE_REFUSED
      """;

  @Test
  void every_code_keeps_its_number_and_advice_and_no_number_is_used_again() {
    assertEquals(withoutRetired(FROZEN_ERRORS),
        Arrays.stream(ErrorCode.values())
            .map(code -> "%d %s %s".formatted(code.number(), code, code.advice().name().substring("ADVICE_".length())))
            .collect(Collectors.joining("\n")));
    assertNumbersDiffer(FROZEN_ERRORS);
  }

  @Test
  void every_close_code_keeps_its_number_and_no_number_is_used_again() {
    assertEquals(withoutRetired(FROZEN_CLOSES), Arrays.stream(CloseCode.values())
        .map(code -> "%d %s".formatted(code.number(), code)).collect(Collectors.joining("\n")));
    assertNumbersDiffer(FROZEN_CLOSES);
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void a_code_survives_the_bus_and_says_what_it_means(ErrorCode code) {
    assertEquals(code, ErrorCode.of(code.refusal()));
    assertTrue(code.meaning().endsWith("."), code.meaning());
    assertNotEquals(Advice.ADVICE_UNSPECIFIED, code.advice());
  }

  @Test
  void a_number_of_a_later_release_is_taken_as_unavailable() {
    assertEquals(ErrorCode.UNAVAILABLE, ErrorCode.of(Refusal.newBuilder().setCode(99_999).build()));
    assertEquals(ErrorCode.UNAVAILABLE, ErrorCode.of(Refusal.getDefaultInstance()));
  }

  @ParameterizedTest
  @EnumSource(CloseCode.class)
  void the_range_of_a_close_code_says_whether_to_reconnect(CloseCode code) {
    boolean restart = code == CloseCode.RESTARTING;
    assertTrue(restart || (code.number() >= 4000 && code.number() <= 4999), code.name());
    assertEquals(restart || code.number() <= 4499, code.reconnect());
  }

  @ParameterizedTest
  @EnumSource(CloseCode.class)
  void a_reason_fits_into_a_close_frame(CloseCode code) {
    int bytes = code.reason().getBytes(StandardCharsets.UTF_8).length;
    assertFalse(code.reason().isBlank());
    assertTrue(bytes <= CloseCode.REASON_BYTES_MAX, code + " has " + bytes + " bytes");
    // RFC 6455 §5.5: 125 bytes of payload, two of them the code.
    assertEquals(125 - 2, CloseCode.REASON_BYTES_MAX);
  }

  private static String withoutRetired(String frozen) {
    return frozen.lines().filter(line -> !line.contains("retired")).collect(Collectors.joining("\n"));
  }

  private static void assertNumbersDiffer(String frozen) {
    long numbers = frozen.lines().map(line -> line.substring(0, line.indexOf(' '))).distinct().count();
    assertEquals(frozen.lines().count(), numbers);
  }
}
