// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;

/// A key pair of P-256 that signs.
final class TestKey {
  static final BigInteger ORDER = P256.PARAMETERS.getOrder();

  private final KeyPair pair;

  TestKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      pair = generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  Point point() {
    var w = ((ECPublicKey) pair.getPublic()).getW();
    return new Point(ByteString.copyFrom(new byte[]{4}).concat(number(w.getAffineX())).concat(number(w.getAffineY())));
  }

  Signature sign(String name, ByteString bytes) {
    try {
      var ecdsa = java.security.Signature.getInstance("SHA256withECDSAinP1363Format");
      ecdsa.initSign(pair.getPrivate());
      ecdsa.update(Signatures.message(name, bytes).toByteArray());
      return new Signature(ByteString.copyFrom(ecdsa.sign()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /// The other signature that everybody can make of one: (r, n−s).
  static Signature other(Signature signature) {
    BigInteger s = new BigInteger(1, signature.bytes().substring(32).toByteArray());
    return new Signature(signature.bytes().substring(0, 32).concat(number(ORDER.subtract(s))));
  }

  static ByteString number(BigInteger number) {
    String hex = number.toString(16);
    return ByteString.fromHex("0".repeat(64 - hex.length()) + hex);
  }
}
