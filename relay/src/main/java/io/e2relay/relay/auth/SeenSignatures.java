// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// Which tokens verified under which key, by the hash of their whole text. When everybody reconnects at once, most come
/// with the token they had, and verifying is half of what a connection costs.
///
/// Nothing else of a token is remembered: what it says is judged anew each time, and another key knows nothing of it.
final class SeenSignatures {
  private final int each;
  private volatile ConcurrentMap<ByteBuffer, VerifyKey> young = new ConcurrentHashMap<>();
  private volatile ConcurrentMap<ByteBuffer, VerifyKey> old = new ConcurrentHashMap<>();

  /// Keeps at most twice as many, and the newest so many for certain.
  SeenSignatures(int each) {
    this.each = each;
  }

  boolean isKnown(String token, VerifyKey key) {
    ByteBuffer hash = hash(token);
    if (key.equals(young.get(hash))) {
      return true;
    }
    boolean known = key.equals(old.get(hash));
    if (known) {
      keep(hash, key);
    }
    return known;
  }

  void add(String token, VerifyKey key) {
    keep(hash(token), key);
  }

  private void keep(ByteBuffer hash, VerifyKey key) {
    if (young.size() >= each) {
      // Two loops that do this at once forget more than they had to, and no more.
      old = young;
      young = new ConcurrentHashMap<>();
    }
    young.put(hash, key);
  }

  private static ByteBuffer hash(String token) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
