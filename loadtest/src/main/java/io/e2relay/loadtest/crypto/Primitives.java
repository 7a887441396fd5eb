// SPDX-License-Identifier: Apache-2.0
package io.e2relay.loadtest.crypto;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.agreement.ECDHCBasicAgreement;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.modes.GCMModeCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.KeyParameter;

/// The primitives themselves, by the same provider that the client takes each from, called with as little around them
/// as they allow.
final class Primitives {
  static final int HASH_BYTES = 32;
  private static final int MEBIBYTE = 1_048_576;
  private static final int TAG_BYTES = 16;
  private static final int PIECE_BYTES = 4096;
  private static final String ECDSA = "SHA256withECDSAinP1363Format";
  private static final ECDomainParameters CURVE = new ECDomainParameters(CustomNamedCurves.getByName("secp256r1"));

  private final SecureRandom random = new SecureRandom();
  private final AsymmetricCipherKeyPair agreement = pair();
  private final byte[] point = ((ECPublicKeyParameters) agreement.getPublic()).getQ().getEncoded(false);
  private final KeyPair signing;
  private final byte[] key = new byte[HASH_BYTES];
  private final byte[] nonce = new byte[12];

  Primitives() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    this.signing = generator.generateKeyPair();
    random.nextBytes(key);
  }

  void random(int bytes) {
    random.nextBytes(new byte[bytes]);
  }

  byte[] hmac(int bytes) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(new byte[bytes]);
  }

  /// HKDF with so many bytes of info, for so many blocks.
  void hkdf(int info, int blocks) throws GeneralSecurityException {
    hmac(HASH_BYTES);
    for (int i = 0; i < blocks; i++) {
      hmac(info + 1 + (i == 0 ? 0 : HASH_BYTES));
    }
  }

  byte[] encrypt(int aad, byte[] plain) throws GeneralSecurityException {
    Cipher cipher = cipher(Cipher.ENCRYPT_MODE);
    cipher.updateAAD(new byte[aad]);
    return cipher.doFinal(plain);
  }

  void decrypt(int aad, byte[] sealed) throws GeneralSecurityException {
    Cipher cipher = cipher(Cipher.DECRYPT_MODE);
    cipher.updateAAD(new byte[aad]);
    cipher.doFinal(sealed);
  }

  byte[] sha256(byte[] bytes, int from, int length) throws GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(bytes, from, length);
    return digest.digest();
  }

  byte[] sign(byte[] message) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(ECDSA);
    signature.initSign(signing.getPrivate(), random);
    signature.update(message);
    return signature.sign();
  }

  void verify(byte[] message, byte[] signed) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(ECDSA);
    signature.initVerify(signing.getPublic());
    signature.update(message);
    if (!signature.verify(signed)) {
      throw new IllegalStateException("a signature does not verify");
    }
  }

  void pbkdf2(String password, int iterations) throws GeneralSecurityException {
    SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
        .generateSecret(new PBEKeySpec(password.toCharArray(), key, iterations, 8 * HASH_BYTES));
  }

  /// A wrap: the hash of the public key, the key of its own, the agreement, and HPKE's ten HMACs and AES-GCM.
  void wrap(int info, int aad, int plain) throws GeneralSecurityException {
    sha256(point, 0, point.length);
    pair();
    ECDHCBasicAgreement ecdh = new ECDHCBasicAgreement();
    ecdh.init(agreement.getPrivate());
    ecdh.calculateAgreement(new ECPublicKeyParameters(CURVE.getCurve().decodePoint(point), CURVE));
    keySchedule(info);
    gcm(aad, plain);
  }

  void unwrap(int info, int aad, int plain) throws GeneralSecurityException {
    sha256(point, 0, point.length);
    ECDHCBasicAgreement ecdh = new ECDHCBasicAgreement();
    ecdh.init(agreement.getPrivate());
    ecdh.calculateAgreement(new ECPublicKeyParameters(CURVE.getCurve().decodePoint(point), CURVE));
    keySchedule(info);
    gcm(aad, plain);
  }

  /// RFC 9180, 4.1 and 5.1: extract and expand of the secret, three extracts and three expands of the schedule.
  private void keySchedule(int info) {
    for (int bytes : new int[]{51, 158, 29, 26 + info, 23, 86, 93, 86}) {
      HMac mac = new HMac(new SHA256Digest());
      mac.init(new KeyParameter(key));
      mac.update(new byte[bytes], 0, bytes);
      mac.doFinal(new byte[HASH_BYTES], 0);
    }
  }

  private void gcm(int aad, int plain) {
    try {
      GCMModeCipher cipher = GCMBlockCipher.newInstance(AESEngine.newInstance());
      cipher.init(true, new AEADParameters(new KeyParameter(key), 8 * TAG_BYTES, fresh(), new byte[aad]));
      byte[] sealed = new byte[cipher.getOutputSize(plain)];
      cipher.doFinal(sealed, cipher.processBytes(new byte[plain], 0, plain, sealed, 0));
    } catch (InvalidCipherTextException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A file's segments: AES-GCM in place, and the hash of each.
  void sealFile(byte[] segment, int segments) throws GeneralSecurityException {
    for (int i = 0; i < segments; i++) {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE);
      int at = 0;
      for (; MEBIBYTE - TAG_BYTES - at > PIECE_BYTES; at += PIECE_BYTES) {
        cipher.update(segment, at, PIECE_BYTES, segment, at);
      }
      cipher.doFinal(segment, at, MEBIBYTE - TAG_BYTES - at, segment, at);
      sha256(segment, 0, MEBIBYTE);
    }
  }

  void openFile(byte[] sealed, byte[] plain, int segments) throws GeneralSecurityException {
    for (int i = 0; i < segments; i++) {
      cipher(Cipher.DECRYPT_MODE).doFinal(sealed, 0, MEBIBYTE, plain, 0);
      sha256(sealed, 0, MEBIBYTE);
    }
  }

  /// A segment as [#openFile] takes it.
  byte[] sealedSegment() throws GeneralSecurityException {
    return Arrays.copyOf(cipher(Cipher.ENCRYPT_MODE).doFinal(new byte[MEBIBYTE - TAG_BYTES]), MEBIBYTE);
  }

  /// What [#decrypt] takes.
  byte[] sealed(int aad, int plain) throws GeneralSecurityException {
    return encrypt(aad, new byte[plain]);
  }

  /// The JDK does not encrypt twice with one nonce in a row, and neither does BouncyCastle: opening takes the same.
  private Cipher cipher(int mode) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, nonce));
    return cipher;
  }

  private byte[] fresh() {
    return new byte[12];
  }

  private AsymmetricCipherKeyPair pair() {
    ECKeyPairGenerator generator = new ECKeyPairGenerator();
    generator.init(new ECKeyGenerationParameters(CURVE, random));
    return generator.generateKeyPair();
  }
}
