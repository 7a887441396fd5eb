// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.verify.Hkdf;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/// What came of a password. Two steps to a backup: the service is shown the [#auth], and only with what it answers
/// there is a key.
public final class DerivedPassword {
  static final int ROOT_BYTES = 32;
  private static final int SHARE_BYTES = 32;

  private final KdfParameters parameters;
  private final Uid uid;
  private final ByteString root;

  private DerivedPassword(KdfParameters parameters, Uid uid, ByteString root) {
    this.parameters = parameters;
    this.uid = uid;
    this.root = root;
  }

  /// Derives for as long as the parameters say. There are none that are too weak, so whoever has some has asked:
  /// parameters of the service come from `KdfParameters.of`, which answers WEAK_KDF before anything is derived.
  public static DerivedPassword of(String password, KdfParameters parameters, Uid uid) {
    byte[] root = Pbkdf2.SHA256.derive(utf8(password), parameters.salt().toByteArray(), parameters.iterations(),
        ROOT_BYTES);
    return new DerivedPassword(parameters, uid, UnsafeByteOperations.unsafeWrap(root));
  }

  static DerivedPassword of(KdfParameters parameters, Uid uid, ByteString root) {
    return new DerivedPassword(parameters, uid, root);
  }

  /// New parameters, for a new password.
  public static KdfParameters newParameters() {
    return new KdfParameters(KdfParameters.ITERATIONS_MIN, Randomness.SECURE.bytes(KdfParameters.SALT_BYTES));
  }

  public KdfParameters parameters() {
    return parameters;
  }

  /// What the service is shown: it tells a right password from a wrong one, and opens nothing.
  public ByteString auth() {
    return Hkdf.derive(root, uid.bytes(), Labels.of("e2r/1/backup-auth"), ROOT_BYTES);
  }

  /// The key that opens a backup; the share is what the service answers to whoever showed it the right auth.
  SymmetricKey key(ByteString share, BackupVersion version) {
    if (share.size() != SHARE_BYTES) {
      throw new IllegalArgumentException("a share has " + SHARE_BYTES + " bytes");
    }
    ByteString info = Labels.of("e2r/1/backup-kek").concat(version.backupId());
    return SymmetricKey.of(Hkdf.derive(root.concat(share), uid.bytes(), info, SymmetricKey.BYTES));
  }

  ByteString root() {
    return root;
  }

  Uid uid() {
    return uid;
  }

  @Override
  public String toString() {
    return "DerivedPassword[secret]";
  }

  /// In NFKC, so that every keyboard gives the same bytes. Not String.getBytes, which writes half a surrogate pair as a
  /// question mark, and other languages do not.
  static byte[] utf8(String password) {
    try {
      String normal = Normalizer.normalize(password, Normalizer.Form.NFKC);
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(normal));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException _) {
      // Without the cause, which says something about the password.
      throw new IllegalArgumentException("a password is whole Unicode text");
    }
  }
}
