// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.verify.Hkdf;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import javax.crypto.Cipher;
import javax.crypto.KEM;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/// Wraps against a second implementation: the JDK's DHKEM and a key schedule written from RFC 9180, 5.1.
final class JdkHpkeTest {
  private static final ByteString INFO = ByteString.copyFromUtf8("info");
  private static final ByteString AAD = ByteString.copyFromUtf8("aad");
  private static final ByteString PLAIN = times(0x70, 32);
  private static final ByteString SUITE = ByteString.copyFromUtf8("HPKE").concat(Octets.hex("001000010002"));
  private static final int ROUNDS = 100;

  @Test
  void the_jdk_opens_what_is_wrapped_here() throws GeneralSecurityException {
    for (int i = 0; i < ROUNDS; i++) {
      AgreementKey key = AgreementKey.generate();
      ByteString wrapped = Hpke.wrap(Randomness.SECURE, key.publicKey(), INFO, AAD, PLAIN);
      byte[] secret = KEM.getInstance("DHKEM").newDecapsulator(jdkPrivate(key))
          .decapsulate(wrapped.substring(0, Point.BYTES).toByteArray()).getEncoded();
      assertEquals(PLAIN, aead(Cipher.DECRYPT_MODE, secret, wrapped.substring(Point.BYTES)));
    }
    IO.println("shown: hpke jdk opens=" + ROUNDS);
  }

  @Test
  void what_the_jdk_wraps_opens_here() throws GeneralSecurityException {
    for (int i = 0; i < ROUNDS; i++) {
      AgreementKey key = AgreementKey.generate();
      KEM.Encapsulated made = KEM.getInstance("DHKEM").newEncapsulator(jdkPublic(key.publicKey())).encapsulate();
      ByteString sealed = aead(Cipher.ENCRYPT_MODE, made.key().getEncoded(), PLAIN);
      ByteString wrapped = ByteString.copyFrom(made.encapsulation()).concat(sealed);
      assertEquals(PLAIN, value(Hpke.unwrap(key, INFO, AAD, wrapped)));
    }
    IO.println("shown: hpke jdk seals=" + ROUNDS);
  }

  private static ByteString aead(int mode, byte[] shared, ByteString text) throws GeneralSecurityException {
    ByteString context = times(0, 1).concat(extract(ByteString.EMPTY, "psk_id_hash", ByteString.EMPTY))
        .concat(extract(ByteString.EMPTY, "info_hash", INFO));
    ByteString secret = extract(ByteString.copyFrom(shared), "secret", ByteString.EMPTY);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(expand(secret, "key", context, 32).toByteArray(), "AES"),
        new GCMParameterSpec(128, expand(secret, "base_nonce", context, 12).toByteArray()));
    cipher.updateAAD(AAD.toByteArray());
    return ByteString.copyFrom(cipher.doFinal(text.toByteArray()));
  }

  private static ByteString extract(ByteString salt, String label, ByteString ikm) {
    return Hkdf.extract(salt,
        ByteString.copyFromUtf8("HPKE-v1").concat(SUITE).concat(ByteString.copyFromUtf8(label)).concat(ikm));
  }

  private static ByteString expand(ByteString prk, String label, ByteString info, int length) {
    return Hkdf.expand(prk, new Joined().u16(length).bytes(ByteString.copyFromUtf8("HPKE-v1")).bytes(SUITE)
        .bytes(ByteString.copyFromUtf8(label)).bytes(info).toByteString(), length);
  }

  private static PrivateKey jdkPrivate(AgreementKey key) {
    return P256.signingKey(key.pair());
  }

  private static PublicKey jdkPublic(Point point) throws GeneralSecurityException {
    ECPoint xy = new ECPoint(new BigInteger(1, point.bytes().substring(1, 33).toByteArray()),
        new BigInteger(1, point.bytes().substring(33).toByteArray()));
    ECPrivateKey any = P256.signingKey(FixedRandomness.derived(times(1, 32)));
    return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(xy, any.getParams()));
  }
}
