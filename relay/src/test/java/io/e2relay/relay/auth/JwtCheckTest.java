// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Ids;
import io.e2relay.protocol.id.TenantId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every refusal here stands beside `accepted`, which is the same token without the fault.
final class JwtCheckTest {
  private static final long NOW_S = 1_800_000_000;
  private static final String TENANT = "00112233445566778899aabbccddeeff";
  private static final TokenConfig CONFIG = new TokenConfig("https://host.example", "e2relay",
      new KeySource.File(Path.of("unused")), Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ofHours(24));

  private static TestIssuer rsa;
  private static TestIssuer p256;
  private static TestIssuer ed25519;
  private static TestIssuer foreign;
  private static JwtCheck check;

  @BeforeAll
  static void make_keys() throws GeneralSecurityException {
    rsa = TestIssuer.rsa("r1", 2_048);
    p256 = TestIssuer.p256("p1");
    ed25519 = TestIssuer.ed25519("e1");
    foreign = TestIssuer.p256("p1");
    check = checkWith(TestIssuer.jwks(rsa, p256, ed25519));
  }

  static Stream<TestIssuer> issuers() {
    return Stream.of(rsa, p256, ed25519);
  }

  @ParameterizedTest
  @MethodSource("issuers")
  void a_token_of_each_algorithm_is_accepted(TestIssuer issuer) throws GeneralSecurityException {
    TenantId tenant = new TenantId(ByteString.copyFrom(HexFormat.of().parseHex(TENANT)));
    assertEquals(new TokenVerdict.Accepted(tenant, Ids.uid(tenant, "alice"), "alice", (NOW_S + 600) * 1_000, false),
        check.check(issuer.token(claims())));
  }

  @Test
  void a_bot_is_who_the_token_says_is_one_and_anything_but_yes_or_no_is_refused() throws GeneralSecurityException {
    for (boolean bot : new boolean[]{true, false}) {
      TokenVerdict verdict = check.check(p256.token(claims().replace("\"sub\"", "\"bot\":" + bot + ",\"sub\"")));
      assertEquals(bot, assertInstanceOf(TokenVerdict.Accepted.class, verdict).bot());
    }
    for (String other : List.of("\"true\"", "1", "null", "[true]")) {
      refused(p256.token(claims().replace("\"sub\"", "\"bot\":" + other + ",\"sub\"")));
    }
  }

  @Test
  void the_newer_name_of_ed25519_is_accepted() throws GeneralSecurityException {
    accepted(ed25519.token("{\"alg\":\"Ed25519\",\"kid\":\"e1\"}", claims()));
  }

  @Test
  void an_audience_among_others_is_accepted() throws GeneralSecurityException {
    accepted(p256.token(claims().replace("\"e2relay\"", "[\"other\",\"e2relay\"]")));
  }

  @Test
  void an_access_token_is_accepted_and_a_logout_token_is_not() throws GeneralSecurityException {
    accepted(p256.token(p256.header().replace("JWT", "at+jwt"), claims()));
    refused(p256.token(p256.header().replace("JWT", "logout+jwt"), claims()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE", "", "HS256", "RS512", "ES256K"})
  void no_other_algorithm_is_accepted(String algorithm) throws GeneralSecurityException {
    String header = "{\"alg\":\"%s\",\"kid\":\"p1\"}".formatted(algorithm);
    refused(p256.token(header, claims()));
    refused(TestIssuer.base64url(header) + "." + TestIssuer.base64url(claims()) + ".");
    accepted(p256.token(claims()));
  }

  @ParameterizedTest
  @MethodSource("issuers")
  void the_public_key_is_not_a_shared_secret(TestIssuer issuer) throws GeneralSecurityException {
    String header = issuer.header().replaceFirst("\"alg\":\"[^\"]+\"", "\"alg\":\"HS256\"");
    String signed = TestIssuer.base64url(header) + "." + TestIssuer.base64url(claims());
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(issuer.publicKeyBytes(), "HmacSHA256"));
    refused(signed + "." + TestIssuer.base64url(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII))));
    accepted(issuer.token(claims()));
  }

  @Test
  void the_key_must_be_of_the_kind_that_the_header_names() throws GeneralSecurityException {
    refused(p256.token("{\"alg\":\"RS256\",\"kid\":\"p1\"}", claims()));
    refused(p256.token("{\"alg\":\"ES256\",\"kid\":\"r1\"}", claims()));
    refused(p256.token("{\"alg\":\"ES256\",\"kid\":\"e1\"}", claims()));
    accepted(p256.token("{\"alg\":\"ES256\",\"kid\":\"p1\"}", claims()));
  }

  @Test
  void a_foreign_key_under_a_known_id_is_refused() throws GeneralSecurityException {
    refused(foreign.token(claims()));
    refused(foreign.token(p256.header().replace("}", ",\"jwk\":" + foreign.jwk() + "}"), claims()));
    accepted(p256.token(claims()));
  }

  @Test
  void an_unknown_key_id_is_refused() throws GeneralSecurityException {
    refused(p256.token(p256.header().replace("p1", "p2"), claims()));
    refused(p256.token("{\"alg\":\"ES256\"}", claims()));
    refused(p256.token("{\"alg\":\"ES256\",\"kid\":1}", claims()));
    assertInstanceOf(TokenVerdict.Accepted.class,
        checkWith(TestIssuer.jwks(p256)).check(p256.token("{\"alg\":\"ES256\"}", claims())));
  }

  @Test
  void a_signature_of_zeros_is_refused() throws GeneralSecurityException {
    String signed = p256.token(claims()).substring(0, p256.token(claims()).lastIndexOf('.') + 1);
    refused(signed + TestIssuer.base64url(new byte[64]));
    refused(signed + TestIssuer.base64url(new byte[0]));
    byte[] order = HexFormat.of()
        .parseHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551".repeat(2));
    refused(signed + TestIssuer.base64url(order));
  }

  @ParameterizedTest
  @MethodSource("issuers")
  void a_changed_byte_anywhere_is_refused(TestIssuer issuer) throws GeneralSecurityException {
    String token = issuer.token(claims());
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'A' ? 'B' : 'A';
      refused(token.substring(0, i) + other + token.substring(i + 1));
    }
    accepted(token);
  }

  @Test
  void a_truncated_token_is_refused() throws GeneralSecurityException {
    String token = p256.token(claims());
    for (int length = 0; length < token.length(); length++) {
      refused(token.substring(0, length));
    }
    accepted(token);
  }

  @Test
  void there_are_exactly_three_parts() throws GeneralSecurityException {
    String token = p256.token(claims());
    for (String other : List.of(token + ".", token + ".AA", "." + token, token.replace('.', '-'), "..", ".", "")) {
      refused(other);
    }
    accepted(token);
  }

  @Test
  void the_encoding_is_exact() throws GeneralSecurityException {
    String token = p256.token(claims());
    for (String other : List.of(token + "=", token + "\n", " " + token, token.replace(".", ".\n"), token + "\u0000",
        token.replace('e', '\u0435'))) {
      refused(other);
    }
    accepted(token);
  }

  @Test
  void a_token_has_at_most_8_kib() throws GeneralSecurityException {
    accepted(ofLength(Compact.BYTES_MAX));
    refused(ofLength(Compact.BYTES_MAX + 1));
  }

  static Stream<Arguments> wrongClaims() {
    return Stream.of(Arguments.of("\"iss\":\"https://host.example\"", "\"iss\":\"https://host.example/\""),
        Arguments.of("\"iss\":\"https://host.example\",", ""),
        Arguments.of("\"iss\":\"https://host.example\"", "\"iss\":[\"https://host.example\"]"),
        Arguments.of("\"aud\":\"e2relay\"", "\"aud\":\"E2relay\""), Arguments.of("\"aud\":\"e2relay\",", ""),
        Arguments.of("\"aud\":\"e2relay\"", "\"aud\":[]"),
        Arguments.of("\"aud\":\"e2relay\"", "\"aud\":[\"e2relay\",7]"), Arguments.of(",\"exp\":1800000600", ""),
        Arguments.of("\"exp\":1800000600", "\"exp\":\"1800000600\""),
        Arguments.of("\"exp\":1800000600", "\"exp\":null"), Arguments.of("\"exp\":1800000600", "\"exp\":-1"),
        Arguments.of("\"exp\":1800000600", "\"exp\":1e300"),
        Arguments.of("\"exp\":1800000600", "\"exp\":9" + "9".repeat(70)),
        Arguments.of("\"exp\":1800000600", "\"exp\":NaN"), Arguments.of("\"sub\":\"alice\",", ""),
        Arguments.of("\"sub\":\"alice\"", "\"sub\":\"\""), Arguments.of("\"sub\":\"alice\"", "\"sub\":7"),
        Arguments.of("\"sub\":\"alice\"", "\"sub\":\"\\ud800\""),
        Arguments.of("\"sub\":\"alice\"", "\"sub\":\"a\\u0000\""), Arguments.of(",\"tenant\":\"" + TENANT + "\"", ""),
        Arguments.of(TENANT, TENANT.substring(1)), Arguments.of(TENANT, TENANT + "0"),
        Arguments.of(TENANT, TENANT.replace('0', 'g')), Arguments.of(TENANT, TENANT.replace('0', '\u0660')),
        Arguments.of("\"sub\":\"alice\"", "\"sub\":\"alice\",\"sub\":\"alice\""),
        Arguments.of("\"sub\":\"alice\"", "\"sub\":\"alice\",\"x\":{\"a\":1,\"a\":2}"),
        Arguments.of("{\"iss\"", "[{\"iss\""), Arguments.of("{\"iss\"", "{} {\"iss\""),
        Arguments.of("{\"iss\"", "{\"x\":" + "[".repeat(2_000) + "]".repeat(2_000) + ",\"iss\""),
        Arguments.of("{\"iss\"", "// comment\n{\"iss\""));
  }

  @ParameterizedTest
  @MethodSource("wrongClaims")
  void a_wrong_claim_is_refused(String right, String wrong) throws GeneralSecurityException {
    String claims = claims().replace(right, wrong);
    assertNotEquals(claims(), claims);
    refused(p256.token(claims));
    accepted(p256.token(claims()));
  }

  @Test
  void nesting_up_to_the_limit_is_accepted() throws GeneralSecurityException {
    accepted(p256.token(claims().replace("{\"iss\"",
        "{\"x\":" + "[".repeat(Json.DEPTH_MAX - 1) + "]".repeat(Json.DEPTH_MAX - 1) + ",\"iss\"")));
    refused(p256.token(claims().replace("{\"iss\"",
        "{\"x\":" + "[".repeat(Json.DEPTH_MAX) + "]".repeat(Json.DEPTH_MAX) + ",\"iss\"")));
  }

  @Test
  void a_header_with_a_name_twice_is_refused() throws GeneralSecurityException {
    refused(p256.token("{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"p1\"}", claims()));
    accepted(p256.token("{\"alg\":\"ES256\",\"kid\":\"p1\"}", claims()));
  }

  @Test
  void a_header_with_critical_extensions_is_refused() throws GeneralSecurityException {
    refused(p256.token("{\"alg\":\"ES256\",\"kid\":\"p1\",\"crit\":[\"b64\"],\"b64\":true}", claims()));
    refused(p256.token("{\"alg\":\"ES256\",\"kid\":\"p1\",\"crit\":[]}", claims()));
    accepted(p256.token("{\"alg\":\"ES256\",\"kid\":\"p1\",\"x5t\":\"unused\"}", claims()));
  }

  @Test
  void claims_that_are_not_utf8_are_refused() throws GeneralSecurityException {
    String latin = TestIssuer.base64url(claims().replace("alice", "\u00e9").getBytes(StandardCharsets.ISO_8859_1));
    refused(p256.tokenOf(TestIssuer.base64url(p256.header()) + "." + latin));
    accepted(p256.token(claims().replace("alice", "\u00e9")));
  }

  @Test
  void a_subject_has_at_most_255_bytes() throws GeneralSecurityException {
    accepted(p256.token(claims().replace("alice", "\u00e9".repeat(127) + "a")));
    refused(p256.token(claims().replace("alice", "\u00e9".repeat(128))));
  }

  @Test
  void an_expired_token_is_called_expired_from_the_very_millisecond() throws GeneralSecurityException {
    String token = p256.token(claims());
    Keys keys = keysOf(TestIssuer.jwks(p256));
    long expiryMs = (NOW_S + 600) * 1_000;
    assertInstanceOf(TokenVerdict.Accepted.class,
        new JwtCheck(CONFIG, keys, InstantSource.fixed(Instant.ofEpochMilli(expiryMs - 1))).check(token));
    JwtCheck late = new JwtCheck(CONFIG, keys, InstantSource.fixed(Instant.ofEpochMilli(expiryMs)));
    assertEquals(new TokenVerdict.Refused(ErrorCode.TOKEN_EXPIRED), late.check(token));
    assertEquals(new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID), late.check(foreign.token(claims())));
    assertEquals(new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID),
        late.check(p256.token(claims().replace("e2relay", "other"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nbf", "iat"})
  void a_date_may_lie_ahead_by_the_leeway(String name) throws GeneralSecurityException {
    String head = "{\"" + name + "\":";
    accepted(p256.token(claims().replace("{", head + (NOW_S + 5) + ",")));
    refused(p256.token(claims().replace("{", head + (NOW_S + 5) + ".002,")));
    refused(p256.token(claims().replace("{", head + "\"" + NOW_S + "\",")));
  }

  @Test
  void nobody_can_tell_while_there_are_no_keys() throws GeneralSecurityException {
    JwtCheck blind = new JwtCheck(CONFIG, (Keys) _ -> new Keys.Lookup.NotLoaded(), clock());
    assertEquals(new TokenVerdict.Refused(ErrorCode.UNAVAILABLE), blind.check(p256.token(claims())));
    assertEquals(new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID), blind.check("garbage"));
  }

  @Test
  void what_was_verified_once_is_judged_anew_each_time() throws GeneralSecurityException {
    AtomicReference<Keys> keys = new AtomicReference<>(keysOf(TestIssuer.jwks(p256)));
    AtomicLong nowMs = new AtomicLong(NOW_S * 1_000);
    JwtCheck again = new JwtCheck(CONFIG, (Keys) kid -> keys.get().find(kid), () -> Instant.ofEpochMilli(nowMs.get()));
    String token = p256.token(claims());
    assertInstanceOf(TokenVerdict.Accepted.class, again.check(token));
    assertInstanceOf(TokenVerdict.Accepted.class, again.check(token));
    keys.set(keysOf(TestIssuer.jwks(foreign)));
    assertEquals(new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID), again.check(token));
    keys.set(keysOf(TestIssuer.jwks(p256)));
    int signature = token.lastIndexOf('.') + 1;
    String other = foreign.token(claims());
    assertEquals(new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID),
        again.check(token.substring(0, signature) + other.substring(other.lastIndexOf('.') + 1)));
    nowMs.addAndGet(600_000);
    assertEquals(new TokenVerdict.Refused(ErrorCode.TOKEN_EXPIRED), again.check(token));
  }

  private static String claims() {
    return "{\"iss\":\"https://host.example\",\"aud\":\"e2relay\",\"sub\":\"alice\",\"tenant\":\"%s\",\"exp\":%d}"
        .formatted(TENANT, NOW_S + 600);
  }

  /// A valid token of exactly that many bytes; base64url has no texts of every length, so the header helps.
  private static String ofLength(int length) throws GeneralSecurityException {
    for (int pad = 0; pad < 4; pad++) {
      String header = p256.header().replace("}", ",\"x\":\"%s\"}".formatted("x".repeat(pad)));
      int rest = length - p256.token(header, claims().replace("}", ",\"y\":\"\"}")).length();
      for (int more = rest * 3 / 4 - 2; more <= rest * 3 / 4 + 2; more++) {
        String token = p256.token(header, claims().replace("}", ",\"y\":\"%s\"}".formatted("y".repeat(more))));
        if (token.length() == length) {
          return token;
        }
      }
    }
    throw new IllegalStateException("no token has " + length + " bytes");
  }

  private static InstantSource clock() {
    return InstantSource.fixed(Instant.ofEpochSecond(NOW_S));
  }

  private static JwtCheck checkWith(String jwks) {
    return new JwtCheck(CONFIG, keysOf(jwks), clock());
  }

  private static Keys keysOf(String jwks) {
    JwkSet.Parsed parsed = JwkSet.parse(jwks.getBytes(StandardCharsets.UTF_8));
    JwkSet set = assertInstanceOf(JwkSet.Parsed.Good.class, parsed).set();
    return kid -> {
      VerifyKey key = set.find(kid);
      return key == null ? new Keys.Lookup.Unknown() : new Keys.Lookup.Found(key);
    };
  }

  private static void accepted(String token) {
    assertInstanceOf(TokenVerdict.Accepted.class, check.check(token));
  }

  private static void refused(String token) {
    assertEquals(new TokenVerdict.Refused(ErrorCode.TOKEN_INVALID), check.check(token));
  }
}
