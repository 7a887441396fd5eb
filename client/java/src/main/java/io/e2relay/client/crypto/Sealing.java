// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.Hkdf;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/// The only symmetric construction: every sealing has a key of its own, and commits to it, so that what is sealed
/// opens under one key only.
public final class Sealing {
  /// How much longer what is sealed is than what is in it.
  public static final int OVERHEAD_BYTES = 80;
  static final int SALT_BYTES = 32;
  private static final int COMMITMENT_BYTES = 32;
  private static final int HEAD_BYTES = SALT_BYTES + COMMITMENT_BYTES;
  private static final ByteString AEAD = Labels.of(Labels.AEAD);

  private Sealing() {
  }

  /// What a sealing is for; a key that is used for two things still never gives the same key twice.
  public enum Label {
    MESSAGE(Labels.MESSAGE), HISTORY(Labels.HISTORY), FILE_KEY("e2r/1/filekey"), SELF(Labels.SELF), BACKUP_KEY(
        "e2r/1/bk"), BUNDLE("e2r/1/bundle");

    private final ByteString bytes;

    Label(String name) {
      this.bytes = Labels.of(name);
    }

    ByteString bytes() {
      return bytes;
    }
  }

  /// Seals, bound to the context, which has to be known to open it.
  public static ByteString seal(SymmetricKey key, Label label, ByteString context, ByteString plain) {
    return seal(Randomness.SECURE, key, label, context, plain);
  }

  static ByteString seal(Randomness randomness, SymmetricKey key, Label label, ByteString context, ByteString plain) {
    return seal(randomness, key, label.bytes(), context, plain);
  }

  static ByteString seal(Randomness randomness, SymmetricKey key, ByteString label, ByteString context,
      ByteString plain) {
    byte[] sealed = new byte[OVERHEAD_BYTES + plain.size()];
    ByteString salt = randomness.bytes(SALT_BYTES);
    salt.copyTo(sealed, 0);
    Parts parts = parts(onceKey(key, label, context, salt));
    System.arraycopy(parts.commitment, 0, sealed, SALT_BYTES, COMMITMENT_BYTES);
    Aead.encrypt(parts.key, parts.nonce, aad(context, salt, parts.commitment), Backing.of(plain), plain.size(), sealed,
        HEAD_BYTES);
    return UnsafeByteOperations.unsafeWrap(sealed);
  }

  /// Opens; whatever is wrong, the fault is CANNOT_OPEN.
  public static Reading<ByteString> open(SymmetricKey key, Label label, ByteString context, ByteString sealed) {
    return open(key, label.bytes(), context, sealed);
  }

  static Reading<ByteString> open(SymmetricKey key, ByteString label, ByteString context, ByteString sealed) {
    if (sealed.size() < OVERHEAD_BYTES) {
      return new Reading.Unreadable<>(Fault.CANNOT_OPEN);
    }
    ByteString once = onceKey(key, label, context, sealed.substring(0, SALT_BYTES));
    return openOnce(once, context, sealed, Fault.CANNOT_OPEN);
  }

  /// mk: the key of this one sealing. Who has it opens this and nothing else.
  static ByteString onceKey(SymmetricKey key, Label label, ByteString context, ByteString salt) {
    return onceKey(key, label.bytes(), context, salt);
  }

  private static ByteString onceKey(SymmetricKey key, ByteString label, ByteString context, ByteString salt) {
    return Hkdf.derive(key.toByteString(), salt, label.concat(context), SymmetricKey.BYTES);
  }

  /// Opens with mk alone; the fault of another mk is for the caller to name. The bytes are at least the overhead.
  static Reading<ByteString> openOnce(ByteString once, ByteString context, ByteString sealed, Fault otherKey) {
    Parts parts = parts(once);
    byte[] commitment = sealed.substring(SALT_BYTES, HEAD_BYTES).toByteArray();
    // Before anything is decrypted: AES-GCM alone would open a crafted text under several keys.
    if (!MessageDigest.isEqual(commitment, parts.commitment)) {
      return new Reading.Unreadable<>(otherKey);
    }
    byte[] plain = new byte[sealed.size() - OVERHEAD_BYTES];
    List<byte[]> aad = aad(context, sealed.substring(0, SALT_BYTES), commitment);
    return Aead.decrypt(parts.key, parts.nonce, aad, Backing.of(sealed), HEAD_BYTES, plain)
        ? new Reading.Read<>(UnsafeByteOperations.unsafeWrap(plain))
        : new Reading.Unreadable<>(Fault.CANNOT_OPEN);
  }

  private static List<byte[]> aad(ByteString context, ByteString salt, byte[] commitment) {
    return List.of(context.toByteArray(), salt.toByteArray(), commitment);
  }

  private static Parts parts(ByteString once) {
    int nonceAt = COMMITMENT_BYTES + Aead.KEY_BYTES;
    byte[] all = Hkdf.derive(once, ByteString.EMPTY, AEAD, nonceAt + Aead.NONCE_BYTES).toByteArray();
    return new Parts(Arrays.copyOf(all, COMMITMENT_BYTES), Arrays.copyOfRange(all, COMMITMENT_BYTES, nonceAt),
        Arrays.copyOfRange(all, nonceAt, all.length));
  }

  /// Not a record: it holds secrets, and nobody prints it.
  private static final class Parts {
    private final byte[] commitment;
    private final byte[] key;
    private final byte[] nonce;

    Parts(byte[] commitment, byte[] key, byte[] nonce) {
      this.commitment = commitment;
      this.key = key;
      this.nonce = nonce;
    }
  }
}
