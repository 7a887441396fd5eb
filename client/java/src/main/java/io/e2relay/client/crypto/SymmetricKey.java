// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// A key of 32 bytes from which sealing derives: a conversation's, a file's, a backup's.
public final class SymmetricKey {
  static final int BYTES = 32;

  // Not a ByteString, which prints what it holds.
  private final byte[] secret;

  private SymmetricKey(byte[] secret) {
    this.secret = secret;
  }

  /// A new one.
  public static SymmetricKey generate() {
    return generate(Randomness.SECURE);
  }

  static SymmetricKey generate(Randomness randomness) {
    return of(randomness.bytes(BYTES));
  }

  /// From bytes of our own making; 32 zero bytes are refused: that is what a wrong initialisation leaves behind.
  static SymmetricKey of(ByteString bytes) {
    return switch (read(bytes)) {
      case Reading.Read<SymmetricKey>(SymmetricKey key) -> key;
      case Reading.Unreadable<SymmetricKey> _ ->
        throw new IllegalArgumentException("a key has 32 bytes that are not all zero");
    };
  }

  /// From bytes that came out of a wrap or a seal.
  static Reading<SymmetricKey> read(ByteString bytes) {
    byte[] secret = bytes.toByteArray();
    return secret.length == BYTES && !MessageDigest.isEqual(secret, new byte[BYTES])
        ? new Reading.Read<>(new SymmetricKey(secret))
        : new Reading.Unreadable<>(Fault.CANNOT_OPEN);
  }

  byte[] toBytes() {
    return secret.clone();
  }

  ByteString toByteString() {
    return ByteString.copyFrom(secret);
  }

  /// In constant time.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SymmetricKey key && MessageDigest.isEqual(secret, key.secret);
  }

  /// The same for all: a hash would tell something about the key.
  @Override
  public int hashCode() {
    return BYTES;
  }

  @Override
  public String toString() {
    return "SymmetricKey[secret]";
  }
}
