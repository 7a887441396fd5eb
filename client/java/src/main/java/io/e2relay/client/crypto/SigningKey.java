// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Labels;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import io.e2relay.protocol.verify.Signatures;
import java.security.interfaces.ECPrivateKey;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;

/// A key pair that signs and does nothing else: an account's root or a device's.
public final class SigningKey {
  private final byte[] serialised;
  private final Point publicKey;
  private final ECPrivateKey privateKey;

  private SigningKey(AsymmetricCipherKeyPair pair) {
    this.serialised = P256.serialised(pair);
    this.publicKey = P256.point(pair);
    this.privateKey = P256.signingKey(pair);
  }

  /// A new one.
  public static SigningKey generate() {
    return generate(Randomness.SECURE);
  }

  static SigningKey generate(Randomness randomness) {
    return new SigningKey(randomness.ephemeral());
  }

  /// From d ‖ x ‖ y, if that is the private key of the public one expected: KEY_MISMATCH.
  static Reading<SigningKey> read(ByteString serialised, Point expected) {
    return switch (P256.pair(serialised, expected)) {
      case Reading.Read<AsymmetricCipherKeyPair>(AsymmetricCipherKeyPair pair) ->
        new Reading.Read<>(new SigningKey(pair));
      case Reading.Unreadable<AsymmetricCipherKeyPair>(var fault) -> new Reading.Unreadable<>(fault);
    };
  }

  public Point publicKey() {
    return publicKey;
  }

  /// Signs under one of the names of the protocol, which keeps a signature from being taken for one of another kind.
  public Signature sign(String name, ByteString bytes) {
    return sign(Randomness.SECURE, name, bytes);
  }

  Signature sign(Randomness randomness, String name, ByteString bytes) {
    if (!Labels.SIGNED.contains(name)) {
      throw new IllegalArgumentException("nothing is signed under that name");
    }
    return randomness.sign(privateKey, Signatures.message(name, bytes).toByteArray());
  }

  /// The private key as d ‖ x ‖ y.
  ByteString serialised() {
    return ByteString.copyFrom(serialised);
  }

  @Override
  public String toString() {
    return "SigningKey[secret]";
  }
}
