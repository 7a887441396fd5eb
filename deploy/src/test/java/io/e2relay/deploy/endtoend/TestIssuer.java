// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/// A host's token issuer, honest unless told otherwise.
public final class TestIssuer {
  public static final String ISSUER = "https://issuer.test";
  public static final String AUDIENCE = "e2relay-test";
  public static final String TENANT = "00112233445566778899aabbccddeeff";

  private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

  private final KeyPair keys = keys();

  /// The public key as a JWK set.
  public String jwks() {
    ECPublicKey key = (ECPublicKey) keys.getPublic();
    return """
        {"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"test","x":"%s","y":"%s"}]}
        """.formatted(coordinate(key.getW().getAffineX()), coordinate(key.getW().getAffineY()));
  }

  /// A good token for this user.
  public String token(String subject) {
    return signed(header("ES256"), claims(subject, Instant.now().getEpochSecond() + 900));
  }

  /// A good token that says that this user is a program.
  String bot(String subject) {
    String claims = claims(subject, Instant.now().getEpochSecond() + 900);
    return signed(header("ES256"), claims.replace("{", "{\"bot\":true,"));
  }

  String expired(String subject) {
    return signed(header("ES256"), claims(subject, Instant.now().getEpochSecond() - 3_600));
  }

  /// The claims of a good token, with no signature and a header that says so.
  String unsigned(String subject) {
    return part(header("none")) + "." + part(claims(subject, Instant.now().getEpochSecond() + 900)) + ".";
  }

  private static String header(String algorithm) {
    return "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"test\"}".formatted(algorithm);
  }

  private static String claims(String subject, long expires) {
    return "{\"iss\":\"%s\",\"aud\":\"%s\",\"sub\":\"%s\",\"tenant\":\"%s\",\"exp\":%d}".formatted(ISSUER, AUDIENCE,
        subject, TENANT, expires);
  }

  private String signed(String header, String claims) {
    String content = part(header) + "." + part(claims);
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(keys.getPrivate());
      signature.update(content.getBytes(StandardCharsets.US_ASCII));
      return content + "." + BASE64.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String part(String json) {
    return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String coordinate(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[32];
    int length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
    return BASE64.encodeToString(Arrays.copyOf(fixed, 32));
  }

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
