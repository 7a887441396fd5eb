// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import java.security.MessageDigest;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;

/// A key pair that opens wraps and does nothing else: a generation of a user's or a device's.
public final class AgreementKey {
  private final byte[] serialised;
  private final Point publicKey;
  private final AsymmetricCipherKeyPair pair;

  private AgreementKey(AsymmetricCipherKeyPair pair) {
    this.serialised = P256.serialised(pair);
    this.publicKey = P256.point(pair);
    this.pair = pair;
  }

  /// A new one.
  public static AgreementKey generate() {
    return generate(Randomness.SECURE);
  }

  static AgreementKey generate(Randomness randomness) {
    return new AgreementKey(randomness.ephemeral());
  }

  /// From d ‖ x ‖ y, if that is the private key of the public one expected: KEY_MISMATCH.
  static Reading<AgreementKey> read(ByteString serialised, Point expected) {
    return switch (P256.pair(serialised, expected)) {
      case Reading.Read<AsymmetricCipherKeyPair>(AsymmetricCipherKeyPair pair) -> {
        AgreementKey key = new AgreementKey(pair);
        yield key.agrees() ? new Reading.Read<>(key) : new Reading.Unreadable<>(Fault.KEY_MISMATCH);
      }
      case Reading.Unreadable<AsymmetricCipherKeyPair>(var fault) -> new Reading.Unreadable<>(fault);
    };
  }

  public Point publicKey() {
    return publicKey;
  }

  /// The Diffie-Hellman secret with somebody's public key: MALFORMED_POINT or INVALID_POINT if those bytes are none.
  Reading<byte[]> agree(ByteString theirs) {
    return switch (P256.publicKey(theirs)) {
      case Reading.Read<ECPublicKeyParameters>(ECPublicKeyParameters point) ->
        new Reading.Read<>(P256.agree((ECPrivateKeyParameters) pair.getPrivate(), point));
      case Reading.Unreadable<ECPublicKeyParameters>(var fault) -> new Reading.Unreadable<>(fault);
    };
  }

  AsymmetricCipherKeyPair pair() {
    return pair;
  }

  /// The private key as d ‖ x ‖ y.
  ByteString serialised() {
    return ByteString.copyFrom(serialised);
  }

  @Override
  public String toString() {
    return "AgreementKey[secret]";
  }

  /// Both ways lead to one secret: this d with a fresh public key, and the fresh d with this public key.
  private boolean agrees() {
    AsymmetricCipherKeyPair fresh = Randomness.SECURE.ephemeral();
    byte[] ours = P256.agree((ECPrivateKeyParameters) pair.getPrivate(), (ECPublicKeyParameters) fresh.getPublic());
    byte[] theirs = P256.agree((ECPrivateKeyParameters) fresh.getPrivate(), (ECPublicKeyParameters) pair.getPublic());
    return MessageDigest.isEqual(ours, theirs);
  }
}
