// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Arrays;

/// A public key with the one algorithm that it may be used for.
record VerifyKey(Algorithm algorithm, PublicKey key) {

  boolean verifies(byte[] signed, byte[] signature) {
    if (algorithm == Algorithm.ES256 && !P256.isSignature(signature)) {
      return false;
    }
    try {
      Signature verifier = Signature.getInstance(algorithm.jdk());
      verifier.initVerify(key);
      verifier.update(signed);
      return verifier.verify(signature);
    } catch (GeneralSecurityException _) {
      // The JDK's answer to a signature of the wrong length or form.
      return false;
    }
  }

  /// The numbers of the curve P-256 (FIPS 186-5).
  static final class P256 {
    static final int BYTES = 32;
    private static final BigInteger P = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static final BigInteger B = hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");
    private static final BigInteger N = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    private static final BigInteger THREE = BigInteger.valueOf(3);

    private P256() {
    }

    /// Two numbers from 1 to n - 1: a verifier that takes zero for one accepts everything.
    static boolean isSignature(byte[] signature) {
      return signature.length == 2 * BYTES && isScalar(Arrays.copyOf(signature, BYTES))
          && isScalar(Arrays.copyOfRange(signature, BYTES, 2 * BYTES));
    }

    static boolean isOnCurve(BigInteger x, BigInteger y) {
      if (x.signum() < 0 || y.signum() < 0 || x.compareTo(P) >= 0 || y.compareTo(P) >= 0) {
        return false;
      }
      BigInteger right = x.multiply(x).subtract(THREE).multiply(x).add(B).mod(P);
      return y.multiply(y).mod(P).equals(right);
    }

    private static boolean isScalar(byte[] bytes) {
      BigInteger value = new BigInteger(1, bytes);
      return value.signum() > 0 && value.compareTo(N) < 0;
    }

    private static BigInteger hex(String digits) {
      return new BigInteger(digits, 16);
    }
  }
}
