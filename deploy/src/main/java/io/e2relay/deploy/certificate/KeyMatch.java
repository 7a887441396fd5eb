// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.certificate;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/// Whether two keys are one pair: the public one accepts what the private one signs.
public final class KeyMatch {
  private static final byte[] SAMPLE = "e2relay key pair".getBytes(StandardCharsets.US_ASCII);

  private KeyMatch() {
  }

  public static boolean belongs(PrivateKey secret, PublicKey open) throws GeneralSecurityException {
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(secret);
    signature.update(SAMPLE);
    byte[] signed = signature.sign();
    signature.initVerify(open);
    signature.update(SAMPLE);
    return signature.verify(signed);
  }
}
