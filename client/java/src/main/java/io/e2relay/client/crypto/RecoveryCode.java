// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.Hkdf;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// What opens a backup when the password is forgotten: 20 random bytes that a person keeps on paper.
public final class RecoveryCode {
  static final int BYTES = 20;
  private static final int CHARACTERS = 32;
  private static final int CHECK_CHARACTERS = 2;

  private final byte[] secret;

  private RecoveryCode(byte[] secret) {
    this.secret = secret;
  }

  /// A new one.
  public static RecoveryCode generate() {
    return generate(Randomness.SECURE);
  }

  static RecoveryCode generate(Randomness randomness) {
    return of(randomness.bytes(BYTES));
  }

  static RecoveryCode of(ByteString bytes) {
    if (bytes.size() != BYTES) {
      throw new IllegalArgumentException("a recovery code has " + BYTES + " bytes");
    }
    return new RecoveryCode(bytes.toByteArray());
  }

  /// What somebody typed: BAD_RECOVERY_CODE unless it is a whole code without a typing error.
  public static Reading<RecoveryCode> read(String typed) {
    String text = Base32.normal(typed);
    if (text != null && text.length() == CHARACTERS + CHECK_CHARACTERS) {
      RecoveryCode code = of(Base32.decode(text.substring(0, CHARACTERS)));
      if (code.check().equals(text.substring(CHARACTERS))) {
        return new Reading.Read<>(code);
      }
    }
    return new Reading.Unreadable<>(Fault.BAD_RECOVERY_CODE);
  }

  /// As people write it down: groups of four with hyphens between them, the last being the two check characters. To be
  /// shown once, and to nobody else.
  public String reveal() {
    return Base32.grouped(Base32.encode(toByteString()) + check());
  }

  /// What the service is shown instead of a password's auth; it opens nothing.
  public ByteString auth(Uid uid, ByteString backupId) {
    return Hkdf.derive(toByteString(), uid.bytes(), Labels.of("e2r/1/recovery-auth").concat(backupId),
        SymmetricKey.BYTES);
  }

  ByteString toByteString() {
    return ByteString.copyFrom(secret);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RecoveryCode code && MessageDigest.isEqual(secret, code.secret);
  }

  /// The same for all: a hash would tell something about the code.
  @Override
  public int hashCode() {
    return BYTES;
  }

  @Override
  public String toString() {
    return "RecoveryCode[secret]";
  }

  private String check() {
    ByteString hash = Hash.labelled("e2r/1/recovery-code", toByteString()).bytes();
    return Base32.encode(hash.substring(0, 2)).substring(0, CHECK_CHARACTERS);
  }
}
