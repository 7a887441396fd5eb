// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.issuer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevIssuerIT {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  @TempDir
  Path folder;

  @Test
  void a_token_says_who_for_whom_and_how_long_and_its_signature_holds() throws Exception {
    DevIssuer issuer = DevIssuer.in(folder, InstantSource.fixed(NOW));
    DevIssuer.Token token = issuer.token("älice \uD83D\uDE00", Duration.ofMinutes(15));
    String[] parts = token.text().split("\\.");
    assertEquals(new JsonObject("{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"dev\"}"), json(parts[0]));
    JsonObject claims = json(parts[1]);
    assertEquals("e2relay-dev", claims.getString("iss"));
    assertEquals("e2relay", claims.getString("aud"));
    assertEquals("älice \uD83D\uDE00", claims.getString("sub"));
    assertTrue(claims.getString("tenant").matches("[0-9a-f]{32}"));
    assertEquals(NOW.getEpochSecond(), claims.getLong("iat"));
    assertEquals(NOW.getEpochSecond() + 900, claims.getLong("exp"));
    assertEquals(NOW.plusSeconds(900).toEpochMilli(), token.expiresMs());
    assertTrue(verifies(parts[0] + "." + parts[1], parts[2]));
    assertFalse(verifies(parts[0] + "." + parts[0], parts[2]));
  }

  @Test
  void a_bots_token_says_so_and_no_other_does() throws Exception {
    DevIssuer issuer = DevIssuer.in(folder, InstantSource.fixed(NOW));
    JsonObject plain = json(issuer.token("robot", Duration.ofMinutes(15)).text().split("\\.")[1]);
    assertFalse(plain.containsKey("bot"));
    assertEquals(plain.copy().put("bot", true),
        json(issuer.bot("robot", Duration.ofMinutes(15)).text().split("\\.")[1]));
  }

  @Test
  void key_and_tenant_stay_with_the_folder() throws Exception {
    String tenant = tenant(DevIssuer.in(folder, InstantSource.system()));
    String jwks = Files.readString(folder.resolve("jwks.json"));
    assertEquals(tenant, tenant(DevIssuer.in(folder, InstantSource.system())));
    assertEquals(tenant, tenant(DevIssuer.existing(folder, InstantSource.system())));
    assertEquals(jwks, Files.readString(folder.resolve("jwks.json")));
    assertNotEquals(tenant, tenant(DevIssuer.in(folder.resolve("other"), InstantSource.system())));
  }

  @Test
  void the_key_is_for_its_owner_only_and_never_made_by_asking() throws Exception {
    assertThrows(NoSuchFileException.class, () -> DevIssuer.existing(folder, InstantSource.system()));
    DevIssuer.in(folder, InstantSource.system());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("key.pem"))));
    assertFalse(Files.readString(folder.resolve("jwks.json")).contains("\"d\""));
  }

  @Test
  void names_have_1_to_64_characters_and_no_controls() throws Exception {
    DevIssuer issuer = DevIssuer.in(folder, InstantSource.fixed(NOW));
    for (String good : List.of("a", "x".repeat(64), "\u5B57".repeat(64))) {
      assertTrue(DevIssuer.isName(good), good);
      issuer.token(good, DevIssuer.TTL);
    }
    for (String bad : List.of("", "  ", "x".repeat(65), "a\nb", "a\u0000", "\uD800")) {
      assertFalse(DevIssuer.isName(bad));
      assertThrows(IllegalArgumentException.class, () -> issuer.token(bad, DevIssuer.TTL));
    }
  }

  @Test
  void a_token_holds_for_a_second_to_a_day() throws Exception {
    DevIssuer issuer = DevIssuer.in(folder, InstantSource.fixed(NOW));
    issuer.token("a", Duration.ofSeconds(1));
    issuer.token("a", Duration.ofDays(1));
    for (Duration bad : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(1).plusSeconds(1))) {
      assertThrows(IllegalArgumentException.class, () -> issuer.token("a", bad));
    }
  }

  private static String tenant(DevIssuer issuer) throws Exception {
    return json(issuer.token("a", DevIssuer.TTL).text().split("\\.")[1]).getString("tenant");
  }

  private static JsonObject json(String base64) {
    return new JsonObject(new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8));
  }

  /// Verifies with nothing but the published key.
  private boolean verifies(String signed, String signature) throws Exception {
    JsonObject jwk = new JsonObject(Files.readString(folder.resolve("jwks.json"))).getJsonArray("keys")
        .getJsonObject(0);
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
    parameters.init(new ECGenParameterSpec("secp256r1"));
    PublicKey key = KeyFactory.getInstance("EC")
        .generatePublic(new ECPublicKeySpec(new ECPoint(number(jwk.getString("x")), number(jwk.getString("y"))),
            parameters.getParameterSpec(ECParameterSpec.class)));
    Signature check = Signature.getInstance("SHA256withECDSAinP1363Format");
    check.initVerify(key);
    check.update(signed.getBytes(StandardCharsets.US_ASCII));
    return check.verify(Base64.getUrlDecoder().decode(signature));
  }

  private static BigInteger number(String base64) {
    byte[] bytes = Base64.getUrlDecoder().decode(base64);
    assertEquals(32, bytes.length);
    return new BigInteger(1, bytes);
  }
}
