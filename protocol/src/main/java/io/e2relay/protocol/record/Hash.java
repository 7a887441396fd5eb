// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// A SHA-256.
public record Hash(ByteString bytes) {
  public static final int BYTES = 32;
  /// Where there is nothing before.
  public static final Hash NONE = new Hash(ByteString.copyFrom(new byte[BYTES]));

  public Hash {
    if (bytes.size() != BYTES) {
      throw new IllegalArgumentException("a hash has 32 bytes");
    }
  }

  /// Of the parts joined.
  public static Hash of(ByteString... parts) {
    MessageDigest digest = sha256();
    for (ByteString part : parts) {
      part.asReadOnlyByteBufferList().forEach(digest::update);
    }
    return new Hash(ByteString.copyFrom(digest.digest()));
  }

  /// Of bytes behind a label.
  public static Hash labelled(String label, ByteString bytes) {
    return of(Labels.of(label), bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// Opaque in logs: what it names is nobody's business there.
  @Override
  public String toString() {
    return "Hash[" + BYTES + " bytes]";
  }
}
