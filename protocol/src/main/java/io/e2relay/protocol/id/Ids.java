// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.id;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/// What all ids share: their length is checked once, and they print as a pseudonym.
public final class Ids {
  private static final byte[] UID_LABEL = "e2r/1/uid".getBytes(StandardCharsets.US_ASCII);
  // A new key for each process: log lines of one run can be joined, and name nobody.
  private static final byte[] PSEUDONYM_KEY = new byte[32];

  static {
    new SecureRandom().nextBytes(PSEUDONYM_KEY);
  }

  private Ids() {
  }

  /// The uid of the host's user: derived, so that neither host nor service can map a name to another user.
  public static Uid uid(TenantId tenant, String subject) {
    MessageDigest digest = sha256();
    digest.update((byte) UID_LABEL.length);
    digest.update(UID_LABEL);
    digest.update(tenant.bytes().asReadOnlyByteBuffer());
    byte[] name = utf8(subject);
    if (name.length > 0xffff) {
      throw new IllegalArgumentException("a subject has at most 65535 bytes");
    }
    digest.update((byte) (name.length >>> 8));
    digest.update((byte) name.length);
    digest.update(name);
    return new Uid(ByteString.copyFrom(digest.digest(), 0, Uid.BYTES));
  }

  /// Not String.getBytes, which writes half a surrogate pair as a question mark: two names would share one uid.
  private static byte[] utf8(String subject) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(subject));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a subject is text", e);
    }
  }

  static void requireLength(ByteString bytes, int length, String type) {
    if (bytes.size() != length) {
      throw new IllegalArgumentException(type + " has " + length + " bytes, not " + bytes.size());
    }
  }

  static String pseudonym(String type, ByteString bytes) {
    MessageDigest digest = sha256();
    digest.update(PSEUDONYM_KEY);
    digest.update(bytes.asReadOnlyByteBuffer());
    return type + "#" + HexFormat.of().formatHex(digest.digest(), 0, 4);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
