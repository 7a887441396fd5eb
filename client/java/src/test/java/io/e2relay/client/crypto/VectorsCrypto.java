// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.number;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Padding;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.HKDFParameters;

/// The constructions of docs/PROTOCOL.md once more, as plainly as they stand there: the product is compared with them.
final class VectorsCrypto {
  /// A seal with what it is made of.
  record Sealed(ByteString salt, ByteString mk, ByteString com, ByteString out) {
  }

  private VectorsCrypto() {
  }

  static ByteString hkdf(ByteString ikm, ByteString salt, ByteString info, int length) {
    HKDFBytesGenerator hkdf = new HKDFBytesGenerator(SHA256Digest.newInstance());
    hkdf.init(new HKDFParameters(ikm.toByteArray(), salt.toByteArray(), info.toByteArray()));
    byte[] out = new byte[length];
    hkdf.generateBytes(out, 0, length);
    return ByteString.copyFrom(out);
  }

  static Sealed seal(ByteString key, String name, ByteString context, ByteString plaintext, ByteString salt) {
    ByteString mk = hkdf(key, salt, label(name).concat(context), 32);
    ByteString parts = hkdf(mk, ByteString.EMPTY, label("e2r/1/aead"), 76);
    ByteString com = parts.substring(0, 32);
    ByteString ciphertext = gcm(parts.substring(32, 64), parts.substring(64), context.concat(salt).concat(com),
        plaintext);
    return new Sealed(salt, mk, com, salt.concat(com).concat(ciphertext));
  }

  static ByteString gcm(ByteString key, ByteString nonce, ByteString aad, ByteString plaintext) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.toByteArray(), "AES"),
          new GCMParameterSpec(128, nonce.toByteArray()));
      cipher.updateAAD(aad.toByteArray());
      return ByteString.copyFrom(cipher.doFinal(plaintext.toByteArray()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  static ByteString wrap(ByteString recipient, ByteString info, ByteString aad, ByteString plaintext,
      VectorsKeys ephemeral) {
    HPKE hpke = new HPKE(HPKE.mode_base, HPKE.kem_P256_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
    AsymmetricKeyParameter to = hpke.deserializePublicKey(recipient.toByteArray());
    HPKEContextWithEncapsulation context = hpke.setupBaseS(to, info.toByteArray(), ephemeral.pair());
    try {
      return ByteString.copyFrom(context.getEncapsulation())
          .concat(ByteString.copyFrom(context.seal(aad.toByteArray(), plaintext.toByteArray())));
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException("sealing needs no tag to be right", e);
    }
  }

  static ByteString padded(ByteString content) {
    int size = Padding.size(4 + content.size());
    return number(4, content.size()).concat(content).concat(VectorsCase.filled(0, size - 4 - content.size()));
  }
}
