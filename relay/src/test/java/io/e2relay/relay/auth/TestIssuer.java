// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// An issuer of tokens for tests: one key pair, its JWK, and signatures by it.
final class TestIssuer {
  private final String kid;
  private final String name;
  private final String jdk;
  private final KeyPair pair;

  private TestIssuer(String kid, String name, String jdk, KeyPair pair) {
    this.kid = kid;
    this.name = name;
    this.jdk = jdk;
    this.pair = pair;
  }

  static TestIssuer rsa(String kid, int bits) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return new TestIssuer(kid, "RS256", "SHA256withRSA", generator.generateKeyPair());
  }

  static TestIssuer p256(String kid) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return new TestIssuer(kid, "ES256", "SHA256withECDSAinP1363Format", generator.generateKeyPair());
  }

  static TestIssuer ed25519(String kid) throws GeneralSecurityException {
    return new TestIssuer(kid, "EdDSA", "Ed25519", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
  }

  static String jwks(TestIssuer... issuers) {
    return Stream.of(issuers).map(TestIssuer::jwk).collect(Collectors.joining(",", "{\"keys\":[", "]}"));
  }

  static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String base64url(String text) {
    return base64url(text.getBytes(StandardCharsets.UTF_8));
  }

  String header() {
    return "{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"%s\"}".formatted(name, kid);
  }

  String token(String claims) throws GeneralSecurityException {
    return token(header(), claims);
  }

  String token(String header, String claims) throws GeneralSecurityException {
    return tokenOf(base64url(header) + "." + base64url(claims));
  }

  /// Signs what a token starts with: two parts, already encoded.
  String tokenOf(String signed) throws GeneralSecurityException {
    Signature signer = Signature.getInstance(jdk);
    signer.initSign(pair.getPrivate());
    signer.update(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + base64url(signer.sign());
  }

  String jwk() {
    return jwk("");
  }

  /// The JWK with more members, each with a comma in front.
  String jwk(String more) {
    return switch (pair.getPublic()) {
      case RSAPublicKey key -> "{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}".formatted(kid,
          base64url(unsigned(key.getModulus())), base64url(unsigned(key.getPublicExponent())), more);
      case ECPublicKey key -> "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"%s}"
          .formatted(kid, base64url(fixed(key.getW().getAffineX())), base64url(fixed(key.getW().getAffineY())), more);
      case EdECPublicKey key -> "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"%s\"%s}".formatted(kid,
          base64url(littleEndian(key)), more);
      default -> throw new IllegalStateException("a test made a key of another kind");
    };
  }

  /// What an attacker takes for a shared secret: the public key as everybody can write it down.
  byte[] publicKeyBytes() {
    return pair.getPublic().getEncoded();
  }

  private static byte[] unsigned(BigInteger value) {
    byte[] bytes = value.toByteArray();
    return bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
  }

  private static byte[] fixed(BigInteger value) {
    byte[] bytes = unsigned(value);
    byte[] whole = new byte[32];
    System.arraycopy(bytes, 0, whole, whole.length - bytes.length, bytes.length);
    return whole;
  }

  // The JDK's encoding of an Ed25519 key ends with the 32 bytes of RFC 8032.
  private static byte[] littleEndian(EdECPublicKey key) {
    byte[] encoded = key.getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length);
  }
}
