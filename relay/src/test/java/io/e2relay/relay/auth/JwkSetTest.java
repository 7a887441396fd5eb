// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each key that is left out stands in a document whose other key is taken.
final class JwkSetTest {
  private static TestIssuer good;
  private static TestIssuer other;

  @BeforeAll
  static void make_keys() throws GeneralSecurityException {
    good = TestIssuer.p256("good");
    other = TestIssuer.p256("other");
  }

  @Test
  void keys_of_all_three_kinds_are_taken() throws GeneralSecurityException {
    JwkSet set = good(TestIssuer.jwks(good, TestIssuer.rsa("r", 2_048), TestIssuer.ed25519("e")));
    assertEquals(3, set.size());
    assertEquals(0, set.skipped());
  }

  @Test
  void a_short_rsa_key_is_left_out() throws GeneralSecurityException {
    leftOut(TestIssuer.rsa("other", 1_024).jwk());
    taken(TestIssuer.rsa("other", 2_048).jwk());
  }

  @ParameterizedTest
  @ValueSource(strings = {"AQ", "Ag", "AA", "AQAA"})
  void an_rsa_key_with_a_weak_exponent_is_left_out(String exponent) throws GeneralSecurityException {
    String jwk = TestIssuer.rsa("other", 2_048).jwk();
    taken(jwk);
    leftOut(jwk.replace("AQAB", exponent));
  }

  @Test
  void a_point_off_the_curve_is_left_out() {
    String jwk = other.jwk();
    taken(jwk);
    leftOut(jwk.replaceFirst("\"y\":\"[^\"]+\"", "\"y\":\"" + TestIssuer.base64url(new byte[32]) + "\""));
    leftOut(jwk.replaceFirst("\"y\":\"[^\"]+\"", "\"y\":\"AA\""));
    leftOut(jwk.replaceFirst("\"x\":\"[^\"]+\",\"y\":\"[^\"]+\"",
        "\"x\":\"%1$s\",\"y\":\"%1$s\"".formatted(TestIssuer.base64url(new byte[32]))));
  }

  @ParameterizedTest
  @ValueSource(strings = {",\"use\":\"enc\"", ",\"use\":1", ",\"alg\":\"ES384\"", ",\"alg\":\"HS256\"", ",\"d\":\"AA\"",
      ",\"k\":\"AA\"", ",\"key_ops\":[\"sign\"]", ",\"key_ops\":\"verify\""})
  void a_key_for_something_else_is_left_out(String member) {
    leftOut(other.jwk(member));
    taken(other.jwk());
  }

  @Test
  void a_key_for_exactly_this_is_taken() {
    taken(other.jwk(",\"use\":\"sig\",\"alg\":\"ES256\",\"key_ops\":[\"verify\"],\"x5c\":[\"ignored\"]"));
  }

  @Test
  void a_shared_secret_is_left_out() {
    leftOut("{\"kty\":\"oct\",\"kid\":\"other\",\"k\":\"AAAA\"}");
    leftOut("{\"kty\":\"oct\",\"kid\":\"other\"}");
  }

  @Test
  void a_broken_ed25519_key_is_left_out() throws GeneralSecurityException {
    String jwk = TestIssuer.ed25519("other").jwk();
    taken(jwk);
    leftOut(jwk.replaceFirst("\"x\":\"[^\"]+\"", "\"x\":\"AA\""));
    leftOut(jwk.replaceFirst("\"x\":\"[^\"]+\"", "\"x\":\"_" + "_".repeat(42) + "\""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "{\"keys\":[1]}",
      "{\"keys\":[],\"keys\":[]}", "<html>", "{\"keys\":[]} x"})
  void another_document_is_bad(String document) {
    assertInstanceOf(JwkSet.Parsed.Bad.class, JwkSet.parse(document.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void a_document_that_is_too_large_is_bad() {
    String document = TestIssuer.jwks(good);
    good(document + " ".repeat(JwkSet.BYTES_MAX - document.length()));
    byte[] larger = (document + " ".repeat(JwkSet.BYTES_MAX - document.length() + 1)).getBytes(StandardCharsets.UTF_8);
    assertTrue(assertInstanceOf(JwkSet.Parsed.Bad.class, JwkSet.parse(larger)).why().startsWith("larger than"));
  }

  @Test
  void two_keys_with_one_id_are_bad() throws GeneralSecurityException {
    String document = TestIssuer.jwks(good, TestIssuer.p256("good"));
    assertEquals(new JwkSet.Parsed.Bad("two keys have the same kid"),
        JwkSet.parse(document.getBytes(StandardCharsets.UTF_8)));
    assertEquals(2, good(TestIssuer.jwks(good, other)).size());
  }

  private static JwkSet good(String document) {
    return assertInstanceOf(JwkSet.Parsed.Good.class, JwkSet.parse(document.getBytes(StandardCharsets.UTF_8))).set();
  }

  private static void leftOut(String jwk) {
    JwkSet set = good("{\"keys\":[%s,%s]}".formatted(jwk, good.jwk()));
    assertEquals(1, set.skipped());
    assertNull(set.find("other"));
    assertNotNull(set.find("good"));
  }

  private static void taken(String jwk) {
    JwkSet set = good("{\"keys\":[%s,%s]}".formatted(jwk, good.jwk()));
    assertEquals(0, set.skipped());
    assertNotNull(set.find("other"));
  }
}
