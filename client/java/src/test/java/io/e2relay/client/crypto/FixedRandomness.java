// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Signature;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;

/// Randomness that a vector names: bytes in the order in which they are asked for, key pairs derived as RFC 9180 does,
/// and signatures as RFC 6979 does.
final class FixedRandomness implements Randomness {
  private static final ECDomainParameters CURVE = new ECDomainParameters(CustomNamedCurves.getByName("secp256r1"));

  private final Queue<ByteString> chunks;
  private final Queue<ByteString> seeds;

  private FixedRandomness(List<ByteString> chunks, List<ByteString> seeds) {
    this.chunks = new ArrayDeque<>(chunks);
    this.seeds = new ArrayDeque<>(seeds);
  }

  static FixedRandomness bytes(ByteString... chunks) {
    return new FixedRandomness(List.of(chunks), List.of());
  }

  static FixedRandomness ephemeral(ByteString... seeds) {
    return new FixedRandomness(List.of(), List.of(seeds));
  }

  /// DeriveKeyPair of RFC 9180, 7.1.3.
  static AsymmetricCipherKeyPair derived(ByteString seed) {
    return new HPKE(HPKE.mode_base, HPKE.kem_P256_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256)
        .deriveKeyPair(seed.toByteArray());
  }

  /// The key pair of a private key that is written down.
  static AsymmetricCipherKeyPair pairOf(ByteString d) {
    BigInteger number = new BigInteger(1, d.toByteArray());
    return new AsymmetricCipherKeyPair(
        new ECPublicKeyParameters(new FixedPointCombMultiplier().multiply(CURVE.getG(), number), CURVE),
        new ECPrivateKeyParameters(number, CURVE));
  }

  @Override
  public ByteString bytes(int count) {
    ByteString chunk = chunks.remove();
    if (chunk.size() != count) {
      throw new IllegalStateException("asked for " + count + " bytes where the vector has " + chunk.size());
    }
    return chunk;
  }

  @Override
  public AsymmetricCipherKeyPair ephemeral() {
    return derived(seeds.remove());
  }

  @Override
  public Signature sign(ECPrivateKey key, byte[] message) {
    ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, new ECPrivateKeyParameters(key.getS(), CURVE));
    BigInteger[] parts = signer.generateSignature(sha256(message));
    return new Signature(ByteString.copyFrom(BigIntegers.asUnsignedByteArray(32, parts[0]))
        .concat(ByteString.copyFrom(BigIntegers.asUnsignedByteArray(32, parts[1]))));
  }

  private static byte[] sha256(byte[] message) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(message);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
