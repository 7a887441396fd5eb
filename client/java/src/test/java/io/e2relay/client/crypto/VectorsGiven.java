// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Signature;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;

/// What chance gives where everything is given: one after the other, and nothing beyond.
final class VectorsGiven implements Randomness {
  private final Deque<ByteString> bytes;
  private final Deque<VectorsKeys> pairs;

  private VectorsGiven(List<ByteString> bytes, List<VectorsKeys> pairs) {
    this.bytes = new ArrayDeque<>(bytes);
    this.pairs = new ArrayDeque<>(pairs);
  }

  static VectorsGiven bytes(ByteString... bytes) {
    return new VectorsGiven(List.of(bytes), List.of());
  }

  static VectorsGiven pair(VectorsKeys pair) {
    return new VectorsGiven(List.of(), List.of(pair));
  }

  @Override
  public ByteString bytes(int count) {
    ByteString next = bytes.remove();
    if (next.size() != count) {
      throw new IllegalStateException(count + " bytes were wanted where " + next.size() + " are given");
    }
    return next;
  }

  @Override
  public AsymmetricCipherKeyPair ephemeral() {
    return pairs.remove().pair();
  }

  @Override
  public Signature sign(ECPrivateKey key, byte[] message) {
    throw new IllegalStateException("signatures come from elsewhere");
  }
}
