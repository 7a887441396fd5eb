// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Point;
import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The vectors of Project Wycheproof, through the code that the service and the clients run.
final class WycheproofTest {
  private static final BigInteger P = P256.P;

  @Test
  void signatures_are_accepted_and_refused_as_in_262_vectors() {
    List<Wycheproof> vectors = Wycheproof.read("ecdsa_secp256r1_sha256_p1363_test.json");
    int accepted = 0;
    for (Wycheproof vector : vectors) {
      JsonObject key = requireNonNull(vector.group().getAsJsonObject("publicKey"));
      Point point = new Point(ByteString.fromHex(key.get("uncompressed").getAsString()));
      assertEquals(vector.valid(), Signatures.verify(point, vector.hex("msg"), vector.hex("sig")), vector::toString);
      accepted += vector.valid() ? 1 : 0;
    }
    shown("ecdsa", vectors.size(), accepted);
    assertEquals(262, vectors.size());
    assertEquals(173, accepted);
  }

  @Test
  void keys_are_derived_as_in_86_vectors() {
    List<Wycheproof> vectors = Wycheproof.read("hkdf_sha256_test.json");
    int derived = 0;
    for (Wycheproof vector : vectors) {
      if (vector.valid()) {
        assertEquals(vector.hex("okm"),
            Hkdf.derive(vector.hex("ikm"), vector.hex("salt"), vector.hex("info"), vector.number("size")),
            vector::toString);
        derived++;
      } else {
        assertThrows(IllegalArgumentException.class,
            () -> Hkdf.derive(vector.hex("ikm"), vector.hex("salt"), vector.hex("info"), vector.number("size")));
      }
    }
    shown("hkdf", vectors.size(), derived);
    assertEquals(86, vectors.size());
    assertEquals(83, derived);
  }

  @Test
  void codes_are_accepted_and_refused_as_in_174_vectors() {
    List<Wycheproof> vectors = Wycheproof.read("hmac_sha256_test.json");
    int accepted = 0;
    for (Wycheproof vector : vectors) {
      ByteString tag = vector.hex("tag");
      assertEquals(vector.group().get("tagSize").getAsInt(), tag.size() * 8);
      ByteString made = Hmac.of(vector.hex("key"), vector.hex("msg")).substring(0, tag.size());
      assertEquals(vector.valid(), Hmac.equal(made, tag), vector::toString);
      accepted += vector.valid() ? 1 : 0;
    }
    shown("hmac", vectors.size(), accepted);
    assertEquals(174, vectors.size());
    assertEquals(66, accepted);
  }

  @Test
  void no_public_key_of_an_attack_is_a_point_of_the_curve() {
    List<Wycheproof> vectors = Wycheproof.read("ecdh_secp256r1_webcrypto_test.json");
    int on = 0;
    int attacks = 0;
    for (Wycheproof vector : vectors) {
      if (vector.valid()) {
        assertTrue(isOnCurve(publicKey(vector)), vector::toString);
        on++;
      } else if (vector.flagged("InvalidCurveAttack") || vector.flagged("WrongCurve")
          || vector.flagged("InvalidPublic")) {
        assertFalse(isOnCurve(publicKey(vector)), vector::toString);
        attacks++;
      }
    }
    IO.println(
        "shown: wycheproof-points vectors=%d on_curve=%d attacks_refused=%d".formatted(vectors.size(), on, attacks));
    assertEquals(353, vectors.size());
    assertEquals(330, on);
    assertEquals(23, attacks);
  }

  @Test
  void what_only_looks_like_a_point_is_none() {
    Point good = new TestKey().point();
    BigInteger x = Points.x(good);
    BigInteger y = Points.y(good);
    assertTrue(isOnCurve(good.bytes()));
    assertTrue(isOnCurve(uncompressed(x, P.subtract(y))), "its negative");
    ByteString compressed = ByteString.fromHex(y.testBit(0) ? "03" : "02").concat(TestKey.number(x));
    ByteString hybrid = ByteString.fromHex(y.testBit(0) ? "07" : "06").concat(good.bytes().substring(1));
    ByteString infinity = ByteString.fromHex("00");
    ByteString zeros = ByteString.fromHex("04").concat(TestAccount.bytes(64, 0));
    // The point with the least x, written with x + p: it still fits into 32 bytes.
    BigInteger low = Stream.iterate(BigInteger.ZERO, BigInteger.ONE::add).filter(WycheproofTest::isX).findFirst()
        .orElseThrow();
    assertTrue(isOnCurve(uncompressed(low, root(low))));
    List<ByteString> wrong = List.of(compressed, hybrid, infinity, TestAccount.bytes(65, 0), zeros,
        uncompressed(low.add(P), root(low)), uncompressed(P, y), uncompressed(x, y.add(BigInteger.ONE)),
        uncompressed(y, x), good.bytes().substring(0, 64), good.bytes().concat(TestAccount.bytes(1, 0)));
    wrong.forEach(bytes -> assertFalse(isOnCurve(bytes), bytes::toString));
    IO.println("shown: malformed-points refused=" + wrong.size());
  }

  private static void shown(String what, int vectors, int valid) {
    IO.println("shown: wycheproof-%s vectors=%d valid=%d invalid=%d".formatted(what, vectors, valid, vectors - valid));
  }

  /// As on every path: 65 bytes that begin with 04, and on the curve.
  private static boolean isOnCurve(ByteString bytes) {
    try {
      return Points.isOnCurve(new Point(bytes));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static ByteString publicKey(Wycheproof vector) {
    JsonObject jwk = requireNonNull(vector.vector().getAsJsonObject("public"));
    return ByteString.fromHex("04").concat(coordinate(jwk, "x")).concat(coordinate(jwk, "y"));
  }

  private static ByteString coordinate(JsonObject jwk, String name) {
    return ByteString.copyFrom(Base64.getUrlDecoder().decode(jwk.get(name).getAsString()));
  }

  private static ByteString uncompressed(BigInteger x, BigInteger y) {
    return ByteString.fromHex("04").concat(TestKey.number(x)).concat(TestKey.number(y));
  }

  private static boolean isX(BigInteger x) {
    BigInteger y = root(x);
    return y.multiply(y).subtract(squared(x)).mod(P).signum() == 0;
  }

  /// p is 3 modulo 4, so that this is a square root if there is one.
  private static BigInteger root(BigInteger x) {
    return squared(x).modPow(P.add(BigInteger.ONE).shiftRight(2), P);
  }

  private static BigInteger squared(BigInteger x) {
    return x.pow(3).subtract(x.multiply(BigInteger.valueOf(3))).add(P256.B).mod(P);
  }
}
