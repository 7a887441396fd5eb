// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SignatureException;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;

/// Verifies ECDSA over P-256 with SHA-256, always behind the label of what is signed.
public final class Signatures {
  private Signatures() {
  }

  /// Whether the key signed these bytes under that name; a key that is no point of the curve signed nothing.
  public static boolean verify(Point key, String name, ByteString bytes, Signature signature) {
    return verify(key, message(name, bytes), signature.bytes());
  }

  /// What is really signed under a name.
  public static ByteString message(String name, ByteString bytes) {
    return Labels.of(Labels.SIGNATURE + name).concat(bytes);
  }

  /// Without a label, for published vectors. The JDK would take shorter numbers, too.
  static boolean verify(Point key, ByteString message, ByteString signature) {
    if (signature.size() != Signature.BYTES || !Points.isOnCurve(key)) {
      return false;
    }
    try {
      ECPoint point = new ECPoint(Points.x(key), Points.y(key));
      java.security.Signature ecdsa = java.security.Signature.getInstance("SHA256withECDSAinP1363Format");
      ecdsa.initVerify(KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, P256.PARAMETERS)));
      for (var buffer : message.asReadOnlyByteBufferList()) {
        ecdsa.update(buffer);
      }
      return ecdsa.verify(signature.toByteArray());
    } catch (SignatureException e) {
      // Not even the form of a signature.
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK verifies ECDSA over P-256", e);
    }
  }
}
