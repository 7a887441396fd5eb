// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import java.security.GeneralSecurityException;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// AES-GCM of the JDK in the sizes of the suite, with a cipher of its own for each call.
final class Aead {
  static final int KEY_BYTES = 32;
  static final int NONCE_BYTES = 12;
  static final int TAG_BYTES = 16;
  // The JDK turns to the processor's AES when it was called some thousand times: small pieces get there soon.
  private static final int PIECE_BYTES = 4096;

  private Aead() {
  }

  /// Encrypts into another array, and puts the tag behind it.
  static void encrypt(byte[] key, byte[] nonce, List<byte[]> aad, Backing plain, int length, byte[] sealed, int to) {
    requireSuite(key, nonce);
    encryptAny(key, nonce, aad, plain.array(), plain.offset(), length, sealed, to);
  }

  /// Decrypts from there so many bytes into an array that the text just fills; false if the tag does not fit.
  static boolean decrypt(byte[] key, byte[] nonce, List<byte[]> aad, Backing sealed, int from, byte[] text) {
    requireSuite(key, nonce);
    return decryptAny(key, nonce, aad, sealed.array(), sealed.offset() + from, text.length + TAG_BYTES, text);
  }

  /// With a key of any size: Tink's vector for the format of files has a shorter one.
  static void encryptInPlace(byte[] key, byte[] nonce, byte[] text, int from, int length) {
    encryptAny(key, nonce, List.of(), text, from, length, text, from);
  }

  private static void encryptAny(byte[] key, byte[] nonce, List<byte[]> aad, byte[] plain, int from, int length,
      byte[] sealed, int to) {
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce, aad);
      int read = 0;
      int written = 0;
      for (; length - read > PIECE_BYTES; read += PIECE_BYTES) {
        written += cipher.update(plain, from + read, PIECE_BYTES, sealed, to + written);
      }
      cipher.doFinal(plain, from + read, length - read, sealed, to + written);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  static boolean decryptAny(byte[] key, byte[] nonce, List<byte[]> aad, byte[] sealed, int from, int length,
      byte[] text) {
    try {
      cipher(Cipher.DECRYPT_MODE, key, nonce, aad).doFinal(sealed, from, length, text, 0);
      return true;
    } catch (AEADBadTagException _) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES-GCM", e);
    }
  }

  /// A tenth of a second that makes decrypting large pieces fifty times as fast from then on: a piece is decrypted as a
  /// whole or not at all, and the JDK would compile its loop only after gigabytes of large ones.
  static void warmUp() {
    Warm.once();
  }

  private static void requireSuite(byte[] key, byte[] nonce) {
    if (key.length != KEY_BYTES || nonce.length != NONCE_BYTES) {
      throw new IllegalArgumentException("the suite has keys of 256 and nonces of 96 bits");
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce, List<byte[]> aad) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, nonce));
    for (byte[] part : aad) {
      cipher.updateAAD(part);
    }
    return cipher;
  }

  private static final class Warm {
    private static final int CALLS = 20_000;
    private static final int CALL_BYTES = 1024;

    static {
      try {
        Cipher cipher = cipher(Cipher.ENCRYPT_MODE, new byte[KEY_BYTES], new byte[NONCE_BYTES], List.of());
        byte[] piece = new byte[CALL_BYTES];
        for (int i = 0; i < CALLS; i++) {
          cipher.update(piece, 0, piece.length, piece, 0);
        }
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every JDK has AES-GCM", e);
      }
    }

    static void once() {
      // The static block is what runs once.
    }
  }
}
