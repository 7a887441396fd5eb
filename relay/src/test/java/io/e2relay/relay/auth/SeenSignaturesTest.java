// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What is remembered of tokens, and how much of it.
final class SeenSignaturesTest {
  private static final int EACH = 100;

  private final SeenSignatures seen = new SeenSignatures(EACH);

  @Test
  void another_key_and_another_token_are_unknown() throws GeneralSecurityException {
    VerifyKey key = key();
    seen.add("a", key);
    assertTrue(seen.isKnown("a", key));
    assertFalse(seen.isKnown("b", key));
    assertFalse(seen.isKnown("a", key()));
  }

  @Test
  void the_newest_are_kept_and_at_most_twice_as_many() throws GeneralSecurityException {
    VerifyKey key = key();
    int all = 10 * EACH + EACH / 2;
    for (int i = 0; i < all; i++) {
      seen.add("token " + i, key);
      assertTrue(seen.isKnown("token 0", key), "who comes again and again stays");
    }
    long known = IntStream.range(0, all).filter(i -> seen.isKnown("token " + i, key)).count();
    assertTrue(known <= 2 * EACH, () -> known + " are kept");
    IntStream.range(all - EACH / 2, all).forEach(i -> assertTrue(seen.isKnown("token " + i, key)));
    IO.println("shown: token signatures added=%d kept=%d bound=%d".formatted(all, known, 2 * EACH));
    assertEquals(0, IntStream.range(1, EACH).filter(i -> seen.isKnown("token " + i, key)).count());
  }

  private static VerifyKey key() throws GeneralSecurityException {
    JwkSet.Parsed parsed = JwkSet.parse(TestIssuer.jwks(TestIssuer.p256("k")).getBytes(StandardCharsets.UTF_8));
    return Objects.requireNonNull(((JwkSet.Parsed.Good) parsed).set().find("k"));
  }
}
