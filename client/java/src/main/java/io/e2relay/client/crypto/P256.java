// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.agreement.ECDHCBasicAgreement;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;

/// The curve: points in and out, Diffie-Hellman and signatures. Every call has its own engine; what is shared here is
/// never changed.
final class P256 {
  static final int COORDINATE_BYTES = 32;
  static final int PRIVATE_BYTES = 3 * COORDINATE_BYTES;
  private static final ECDomainParameters CURVE = new ECDomainParameters(CustomNamedCurves.getByName("secp256r1"));
  private static final ECParameterSpec JDK_CURVE = jdkCurve();

  private P256() {
  }

  static AsymmetricCipherKeyPair generate(SecureRandom random) {
    ECKeyPairGenerator generator = new ECKeyPairGenerator();
    generator.init(new ECKeyGenerationParameters(CURVE, random));
    return generator.generateKeyPair();
  }

  /// Somebody's public key, if those are 65 bytes that begin with 04 and a point of the curve.
  static Reading<ECPublicKeyParameters> publicKey(ByteString encoded) {
    // Checked before the library sees it, which also takes compressed and hybrid forms.
    if (encoded.size() != Point.BYTES || encoded.byteAt(0) != 4) {
      return new Reading.Unreadable<>(Fault.MALFORMED_POINT);
    }
    try {
      return new Reading.Read<>(new ECPublicKeyParameters(CURVE.getCurve().decodePoint(encoded.toByteArray()), CURVE));
    } catch (IllegalArgumentException _) {
      return new Reading.Unreadable<>(Fault.INVALID_POINT);
    }
  }

  static Point point(AsymmetricCipherKeyPair pair) {
    return new Point(
        UnsafeByteOperations.unsafeWrap(((ECPublicKeyParameters) pair.getPublic()).getQ().getEncoded(false)));
  }

  /// The private key as d ‖ x ‖ y.
  static byte[] serialised(AsymmetricCipherKeyPair pair) {
    byte[] bytes = new byte[PRIVATE_BYTES];
    BigIntegers.asUnsignedByteArray(((ECPrivateKeyParameters) pair.getPrivate()).getD(), bytes, 0, COORDINATE_BYTES);
    point(pair).bytes().substring(1).copyTo(bytes, COORDINATE_BYTES);
    return bytes;
  }

  /// The pair that d ‖ x ‖ y is, if x ‖ y is the point expected, and d belongs to it.
  static Reading<AsymmetricCipherKeyPair> pair(ByteString serialised, Point expected) {
    Reading<AsymmetricCipherKeyPair> mismatch = new Reading.Unreadable<>(Fault.KEY_MISMATCH);
    if (serialised.size() != PRIVATE_BYTES
        || !serialised.substring(COORDINATE_BYTES).equals(expected.bytes().substring(1))) {
      return mismatch;
    }
    BigInteger d = new BigInteger(1, serialised.substring(0, COORDINATE_BYTES).toByteArray());
    if (d.signum() == 0 || d.compareTo(CURVE.getN()) >= 0) {
      return mismatch;
    }
    return switch (publicKey(expected.bytes())) {
      case Reading.Unreadable<ECPublicKeyParameters> _ -> mismatch;
      case Reading.Read<ECPublicKeyParameters>(ECPublicKeyParameters point) -> {
        boolean belongs = new FixedPointCombMultiplier().multiply(CURVE.getG(), d).equals(point.getQ());
        yield belongs
            ? new Reading.Read<>(new AsymmetricCipherKeyPair(point, new ECPrivateKeyParameters(d, CURVE)))
            : mismatch;
      }
    };
  }

  /// The Diffie-Hellman secret: the x of d times the point.
  static byte[] agree(ECPrivateKeyParameters mine, ECPublicKeyParameters theirs) {
    ECDHCBasicAgreement agreement = new ECDHCBasicAgreement();
    agreement.init(mine);
    return BigIntegers.asUnsignedByteArray(COORDINATE_BYTES, agreement.calculateAgreement(theirs));
  }

  /// For the JDK, whose ECDSA takes the same time whatever the key.
  static ECPrivateKey signingKey(AsymmetricCipherKeyPair pair) {
    try {
      return (ECPrivateKey) KeyFactory.getInstance("EC")
          .generatePrivate(new ECPrivateKeySpec(((ECPrivateKeyParameters) pair.getPrivate()).getD(), JDK_CURVE));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  static Signature sign(ECPrivateKey key, byte[] message, SecureRandom random) {
    try {
      java.security.Signature signature = java.security.Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(key, random);
      signature.update(message);
      return new Signature(UnsafeByteOperations.unsafeWrap(signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ECDSA with P-256", e);
    }
  }

  private static ECParameterSpec jdkCurve() {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec("secp256r1"));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }
}
