// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A token in the compact form of RFC 7515, taken apart and not yet believed.
final class Compact {
  static final int BYTES_MAX = 8 * 1024;

  // Other kinds of token (a logout token, a proof of possession) are signed by the same keys and log nobody in.
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  private final String algorithm;
  private final @Nullable String kid;
  private final byte[] signed;
  private final byte[] payload;
  private final byte[] signature;

  private Compact(String algorithm, @Nullable String kid, byte[] signed, byte[] payload, byte[] signature) {
    this.algorithm = algorithm;
    this.kid = kid;
    this.signed = signed;
    this.payload = payload;
    this.signature = signature;
  }

  /// Null when the text is no such token, or one with rules that we do not know.
  static @Nullable Compact parse(String token) {
    if (token.length() > BYTES_MAX) {
      return null;
    }
    int first = token.indexOf('.');
    int second = token.indexOf('.', first + 1);
    if (first < 0 || second < 0 || token.indexOf('.', second + 1) >= 0) {
      return null;
    }
    byte[] head = base64url(token.substring(0, first));
    byte[] payload = base64url(token.substring(first + 1, second));
    byte[] signature = base64url(token.substring(second + 1));
    if (head == null || payload == null || signature == null) {
      return null;
    }
    Json.Fields header = Json.object(head);
    if (header == null || !understood(header)) {
      return null;
    }
    String algorithm = header.text("alg");
    if (algorithm == null) {
      return null;
    }
    byte[] signed = token.substring(0, second).getBytes(StandardCharsets.US_ASCII);
    return new Compact(algorithm, header.text("kid"), signed, payload, signature);
  }

  @Nullable
  String kid() {
    return kid;
  }

  byte[] payload() {
    return payload;
  }

  boolean isSignedBy(VerifyKey key) {
    return key.algorithm().isCalled(algorithm) && key.verifies(signed, signature);
  }

  /// Exactly the canonical encoding: no padding, no line breaks, no stray bits at the end, or null.
  static byte @Nullable [] base64url(String text) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      byte[] again = Base64.getUrlEncoder().withoutPadding().encode(bytes);
      return Arrays.equals(again, text.getBytes(StandardCharsets.UTF_8)) ? bytes : null;
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static boolean understood(Json.Fields header) {
    // crit names extensions that must be understood; we know none, b64 included.
    if (header.has("crit") || header.has("b64")) {
      return false;
    }
    if (header.has("kid") && header.text("kid") == null) {
      return false;
    }
    String type = header.text("typ");
    return !header.has("typ") || (type != null && TYPES.contains(type.toLowerCase(Locale.ROOT)));
  }
}
