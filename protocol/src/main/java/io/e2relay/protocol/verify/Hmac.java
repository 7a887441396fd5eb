// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import com.google.protobuf.ByteString;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// HMAC-SHA256, and how secrets are compared.
public final class Hmac {
  public static final int BYTES = 32;
  private static final String NAME = "HmacSHA256";
  // The same key as none at all: HMAC fills keys up with zeros. The JDK refuses an empty one.
  private static final byte[] EMPTY_KEY = new byte[1];

  private Hmac() {
  }

  /// Over the parts joined.
  public static ByteString of(ByteString key, ByteString... parts) {
    Mac mac = keyed(key);
    for (ByteString part : parts) {
      for (var buffer : part.asReadOnlyByteBufferList()) {
        mac.update(buffer);
      }
    }
    return ByteString.copyFrom(mac.doFinal());
  }

  /// In a time that does not tell where they differ.
  public static boolean equal(ByteString one, ByteString other) {
    return MessageDigest.isEqual(one.toByteArray(), other.toByteArray());
  }

  private static Mac keyed(ByteString key) {
    try {
      Mac mac = Mac.getInstance(NAME);
      mac.init(new SecretKeySpec(key.isEmpty() ? EMPTY_KEY : key.toByteArray(), NAME));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA256", e);
    }
  }
}
