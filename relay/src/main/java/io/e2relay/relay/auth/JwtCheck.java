// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Accepts the tokens (JWT, RFC 7519) that the configured issuer signed for this service.
///
/// The key decides how a signature is verified; what the token's header says must agree and selects nothing.
public final class JwtCheck implements TokenCheck {
  private static final int SUBJECT_BYTES_MAX = 255;
  private static final int SEEN_EACH = 16_384;
  // The last second of the year 9999; dates beyond are mistakes, and safe from overflow here.
  private static final double SECONDS_MAX = 253_402_300_799.0;
  private static final TokenVerdict INVALID = new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID);
  private static final TokenVerdict EXPIRED = new TokenVerdict.Refused(ErrorCode.TOKEN_EXPIRED);
  private static final TokenVerdict UNKNOWABLE = new TokenVerdict.Refused(ErrorCode.UNAVAILABLE);

  private final TokenConfig config;
  private final Keys keys;
  private final InstantSource clock;
  private final SeenSignatures seen = new SeenSignatures(SEEN_EACH);

  public JwtCheck(TokenConfig config, Jwks keys, InstantSource clock) {
    this(config, (Keys) keys, clock);
  }

  JwtCheck(TokenConfig config, Keys keys, InstantSource clock) {
    this.config = config;
    this.keys = keys;
    this.clock = clock;
  }

  @Override
  public TokenVerdict check(String token) {
    Compact compact = Compact.parse(token);
    if (compact == null) {
      return INVALID;
    }
    return switch (keys.find(compact.kid())) {
      case Keys.Lookup.Found(VerifyKey key) -> isSigned(token, compact, key) ? judge(compact.payload()) : INVALID;
      case Keys.Lookup.Unknown _ -> INVALID;
      case Keys.Lookup.NotLoaded _ -> UNKNOWABLE;
    };
  }

  private boolean isSigned(String token, Compact compact, VerifyKey key) {
    if (seen.isKnown(token, key)) {
      return true;
    }
    boolean signed = compact.isSignedBy(key);
    if (signed) {
      seen.add(token, key);
    }
    return signed;
  }

  @Override
  public String audience() {
    return config.audience();
  }

  /// The expiry comes last, so that TOKEN_EXPIRED is only said of a token that was good once.
  private TokenVerdict judge(byte[] payload) {
    Json.Fields claims = Json.object(payload);
    if (claims == null || !config.issuer().equals(claims.text("iss")) || !isForUs(claims.get("aud"))) {
      return INVALID;
    }
    String subject = subject(claims.text("sub"));
    TenantId tenant = tenant(claims.text("tenant"));
    long expiresMs = millis(claims.get("exp"));
    Json bot = claims.has("bot") ? claims.get("bot") : new Json.Flag(false);
    if (subject == null || tenant == null || expiresMs < 0 || !isPast(claims, "nbf") || !isPast(claims, "iat")
        || !(bot instanceof Json.Flag(boolean isBot))) {
      return INVALID;
    }
    if (clock.millis() >= expiresMs) {
      return EXPIRED;
    }
    return new TokenVerdict.Accepted(tenant, Ids.uid(tenant, subject), subject, expiresMs, isBot);
  }

  private boolean isForUs(@Nullable Json audience) {
    Json wanted = new Json.Text(config.audience());
    return wanted.equals(audience) || (audience instanceof Json.Items(var several)
        && several.stream().allMatch(Json.Text.class::isInstance) && several.contains(wanted));
  }

  /// Whether a date that may be missing has come, give or take the leeway.
  private boolean isPast(Json.Fields claims, String name) {
    if (!claims.has(name)) {
      return true;
    }
    long dateMs = millis(claims.get(name));
    return dateMs >= 0 && dateMs <= clock.millis() + config.leeway().toMillis();
  }

  /// A date in milliseconds, or -1 when it is none.
  private static long millis(@Nullable Json date) {
    return date instanceof Json.Decimal(double seconds) && seconds >= 0 && seconds <= SECONDS_MAX
        ? (long) (seconds * 1_000)
        : -1;
  }

  private static @Nullable String subject(@Nullable String text) {
    if (text == null || text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
      return null;
    }
    try {
      // A lone surrogate has no bytes: two such names would become the same user.
      int bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text)).remaining();
      return bytes <= SUBJECT_BYTES_MAX ? text : null;
    } catch (CharacterCodingException _) {
      return null;
    }
  }

  private static @Nullable TenantId tenant(@Nullable String hex) {
    if (hex == null || hex.length() != 2 * TenantId.BYTES || !hex.chars().allMatch(HexFormat::isHexDigit)) {
      return null;
    }
    return new TenantId(ByteString.copyFrom(HexFormat.of().parseHex(hex)));
  }
}
