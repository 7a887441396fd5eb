// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.VectorsCase.ascii;
import static io.e2relay.client.crypto.VectorsCase.label;
import static io.e2relay.client.crypto.VectorsCase.sha256;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Signature;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.util.BigIntegers;

/// A key pair that is the same each time: DeriveKeyPair of RFC 9180, signatures of RFC 6979. Never the product's.
record VectorsKeys(ByteString seed, AsymmetricCipherKeyPair pair) {
  private static final Map<String, VectorsKeys> MADE = new ConcurrentHashMap<>();

  /// From the name alone, so that every vector with this name has this pair.
  static VectorsKeys of(String name) {
    return MADE.computeIfAbsent(name, _ -> ofSeed(sha256(ascii(name))));
  }

  static VectorsKeys ofSeed(ByteString seed) {
    HPKE hpke = new HPKE(HPKE.mode_base, HPKE.kem_P256_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM256);
    return new VectorsKeys(seed, hpke.deriveKeyPair(seed.toByteArray()));
  }

  ByteString d() {
    return coordinate(((ECPrivateKeyParameters) pair.getPrivate()).getD());
  }

  Point point() {
    return new Point(ByteString.copyFrom(((ECPublicKeyParameters) pair.getPublic()).getQ().getEncoded(false)));
  }

  ByteString pub() {
    return point().bytes();
  }

  /// d ‖ x ‖ y.
  ByteString secret() {
    return d().concat(pub().substring(1));
  }

  Signature sign(String name, ByteString bytes) {
    ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, pair.getPrivate());
    BigInteger[] rs = signer.generateSignature(sha256(label("e2r/1/sig/" + name).concat(bytes)).toByteArray());
    return new Signature(coordinate(rs[0]).concat(coordinate(rs[1])));
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("seed", VectorsCase.hex(seed));
    json.put("private", VectorsCase.hex(d()));
    json.put("public", VectorsCase.hex(pub()));
    return json;
  }

  private static ByteString coordinate(BigInteger value) {
    return ByteString.copyFrom(BigIntegers.asUnsignedByteArray(32, value));
  }
}
