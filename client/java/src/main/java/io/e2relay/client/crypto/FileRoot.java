// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Labels;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The hash that names a sealed file, gathered a piece at a time: 32 bytes are kept for each mebibyte.
final class FileRoot {
  private final ByteString.Output hashes = ByteString.newOutput();
  private int count;
  private long size;

  void add(byte[] sealed, int length) {
    byte[] hash = sha256(sealed, length);
    hashes.write(hash, 0, hash.length);
    count++;
    size += length;
  }

  long size() {
    return size;
  }

  Hash value() {
    return Hash.of(Labels.of("e2r/1/file-root"), new Joined().u32(count).toByteString(), hashes.toByteString());
  }

  private static byte[] sha256(byte[] bytes, int length) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
