// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// What a message says, and the SHA-256 by which the same bytes are known again; never printed.
record Body(ByteString bytes, ByteString hash) {

  static Body of(ByteString bytes) {
    return new Body(bytes, sha256(bytes));
  }

  int size() {
    return bytes.size();
  }

  private static ByteString sha256(ByteString bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes.asReadOnlyByteBuffer());
      return ByteString.copyFrom(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "Body[" + bytes.size() + " bytes]";
  }
}
