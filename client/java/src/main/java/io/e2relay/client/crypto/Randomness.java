// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.e2relay.protocol.record.Signature;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;

/// Where chance enters, so that published vectors can fix it. Nothing public takes one: applications get [#SECURE].
interface Randomness {
  Randomness SECURE = new Secure();

  ByteString bytes(int count);

  /// A key pair for one wrap.
  AsymmetricCipherKeyPair ephemeral();

  /// An ECDSA signature over those bytes; the nonce is where chance enters.
  Signature sign(ECPrivateKey key, byte[] message);

  /// The system's.
  final class Secure implements Randomness {
    // Safe for use by many threads, and never predictable by what it gave before.
    private final SecureRandom random = new SecureRandom();

    @Override
    public ByteString bytes(int count) {
      byte[] bytes = new byte[count];
      random.nextBytes(bytes);
      return UnsafeByteOperations.unsafeWrap(bytes);
    }

    @Override
    public AsymmetricCipherKeyPair ephemeral() {
      return P256.generate(random);
    }

    @Override
    public Signature sign(ECPrivateKey key, byte[] message) {
      return P256.sign(key, message, random);
    }
  }
}
