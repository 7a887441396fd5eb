// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JWKS document (RFC 7517) read strictly: only keys that can verify one of our algorithms, each id once.
final class JwkSet {
  static final int BYTES_MAX = 256 * 1024;
  private static final int KEYS_MAX = 64;
  private static final int RSA_BITS_MIN = 2_048;
  private static final int RSA_BITS_MAX = 8_192;
  private static final int ED25519_BYTES = 32;

  private final Map<String, VerifyKey> keys;
  private final int skipped;

  private JwkSet(Map<String, VerifyKey> keys, int skipped) {
    this.keys = Map.copyOf(keys);
    this.skipped = skipped;
  }

  /// What became of a document.
  sealed interface Parsed {
    record Good(JwkSet set) implements Parsed {
    }

    record Bad(String why) implements Parsed {
    }
  }

  static Parsed parse(byte[] document) {
    if (document.length > BYTES_MAX) {
      return new Parsed.Bad("larger than " + BYTES_MAX + " bytes");
    }
    Json.Fields root = Json.object(document);
    if (root == null || !(root.get("keys") instanceof Json.Items(var items))) {
      return new Parsed.Bad("not a JWKS document");
    }
    if (items.size() > KEYS_MAX) {
      return new Parsed.Bad("more than " + KEYS_MAX + " keys");
    }
    Map<String, VerifyKey> keys = new HashMap<>();
    int skipped = 0;
    for (Json item : items) {
      VerifyKey key = item instanceof Json.Fields jwk ? key(jwk) : null;
      if (key == null) {
        skipped++;
      } else if (item instanceof Json.Fields jwk && keys.put(kid(jwk), key) != null) {
        return new Parsed.Bad("two keys have the same kid");
      }
    }
    return keys.isEmpty()
        ? new Parsed.Bad(
            "none of its %d keys is usable (RSA of 2048 bits or more, P-256, Ed25519)".formatted(items.size()))
        : new Parsed.Good(new JwkSet(keys, skipped));
  }

  /// The key of that id; without an id, the only key there is.
  @Nullable
  VerifyKey find(@Nullable String kid) {
    if (kid != null) {
      return keys.get(kid);
    }
    return keys.size() == 1 ? keys.values().iterator().next() : null;
  }

  int size() {
    return keys.size();
  }

  /// How many keys were left out: of other kinds, for other uses, or broken.
  int skipped() {
    return skipped;
  }

  private static String kid(Json.Fields jwk) {
    String kid = jwk.text("kid");
    return kid == null ? "" : kid;
  }

  private static @Nullable VerifyKey key(Json.Fields jwk) {
    String type = jwk.text("kty");
    // A private part here is a leaked key: whoever can read this document could sign.
    if (type == null || jwk.has("d") || jwk.has("k") || !isForVerifying(jwk)) {
      return null;
    }
    try {
      VerifyKey key = switch (type) {
        case "RSA" -> rsa(jwk);
        case "EC" -> p256(jwk);
        case "OKP" -> ed25519(jwk);
        default -> null;
      };
      if (key == null || (jwk.has("alg") && !names(jwk, key.algorithm()))) {
        return null;
      }
      // Decodes the point, which the factories leave for later.
      Signature.getInstance(key.algorithm().jdk()).initVerify(key.key());
      return key;
    } catch (GeneralSecurityException _) {
      return null;
    }
  }

  private static boolean names(Json.Fields jwk, Algorithm algorithm) {
    String name = jwk.text("alg");
    return name != null && algorithm.isCalled(name);
  }

  private static boolean isForVerifying(Json.Fields jwk) {
    if (jwk.has("use") && !"sig".equals(jwk.text("use"))) {
      return false;
    }
    if (jwk.has("kid") && jwk.text("kid") == null) {
      return false;
    }
    return !jwk.has("key_ops")
        || (jwk.get("key_ops") instanceof Json.Items(var operations) && operations.contains(new Json.Text("verify")));
  }

  private static @Nullable VerifyKey rsa(Json.Fields jwk) throws GeneralSecurityException {
    byte[] modulus = bytes(jwk, "n");
    byte[] exponent = bytes(jwk, "e");
    if (modulus == null || exponent == null || modulus.length > RSA_BITS_MAX / 8 + 1 || exponent.length > 8) {
      return null;
    }
    BigInteger n = new BigInteger(1, modulus);
    BigInteger e = new BigInteger(1, exponent);
    boolean sound = n.bitLength() >= RSA_BITS_MIN && n.bitLength() <= RSA_BITS_MAX && n.testBit(0)
        && e.compareTo(BigInteger.TWO) > 0 && e.testBit(0);
    return sound
        ? new VerifyKey(Algorithm.RS256, KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(n, e)))
        : null;
  }

  private static @Nullable VerifyKey p256(Json.Fields jwk) throws GeneralSecurityException {
    byte[] x = bytes(jwk, "x");
    byte[] y = bytes(jwk, "y");
    boolean formed = "P-256".equals(jwk.text("crv")) && x != null && y != null && x.length == VerifyKey.P256.BYTES
        && y.length == VerifyKey.P256.BYTES;
    if (!formed) {
      return null;
    }
    ECPoint point = new ECPoint(new BigInteger(1, x), new BigInteger(1, y));
    if (!VerifyKey.P256.isOnCurve(point.getAffineX(), point.getAffineY())) {
      return null;
    }
    AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
    curve.init(new ECGenParameterSpec("secp256r1"));
    return new VerifyKey(Algorithm.ES256, KeyFactory.getInstance("EC")
        .generatePublic(new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class))));
  }

  private static @Nullable VerifyKey ed25519(Json.Fields jwk) throws GeneralSecurityException {
    byte[] x = bytes(jwk, "x");
    if (!"Ed25519".equals(jwk.text("crv")) || x == null || x.length != ED25519_BYTES) {
      return null;
    }
    // Little-endian y, with the sign of x in the highest bit (RFC 8032 §5.1.2).
    boolean odd = (x[ED25519_BYTES - 1] & 0x80) != 0;
    byte[] y = new byte[ED25519_BYTES];
    for (int i = 0; i < ED25519_BYTES; i++) {
      y[i] = x[ED25519_BYTES - 1 - i];
    }
    y[0] &= 0x7f;
    EdECPoint point = new EdECPoint(odd, new BigInteger(1, y));
    return new VerifyKey(Algorithm.ED25519,
        KeyFactory.getInstance("Ed25519").generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point)));
  }

  private static byte @Nullable [] bytes(Json.Fields jwk, String name) {
    String text = jwk.text(name);
    return text == null ? null : Compact.base64url(text);
  }
}
