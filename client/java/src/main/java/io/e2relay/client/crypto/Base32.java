// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/// Crockford's base32: bytes as people read them aloud and type them.
final class Base32 {
  private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final int BITS = 5;
  private static final int GROUP = 4;

  private Base32() {
  }

  /// Five bits a character, the highest first; what is left over at the end is not written.
  static String encode(ByteString bytes) {
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit + BITS <= 8 * bytes.size(); bit += BITS) {
      int pair = (bytes.byteAt(bit / 8) & 0xff) << 8;
      if (bit / 8 + 1 < bytes.size()) {
        pair |= bytes.byteAt(bit / 8 + 1) & 0xff;
      }
      text.append(ALPHABET.charAt(pair >>> (16 - BITS - bit % 8) & 31));
    }
    return text.toString();
  }

  /// The bytes of characters of the alphabet.
  static ByteString decode(String text) {
    byte[] bytes = new byte[text.length() * BITS / 8];
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      int value = ALPHABET.indexOf(text.charAt(bit / BITS));
      if ((value >>> (BITS - 1 - bit % BITS) & 1) != 0) {
        bytes[bit / 8] |= (byte) (0x80 >>> bit % 8);
      }
    }
    return ByteString.copyFrom(bytes);
  }

  /// What was typed, in the characters of the alphabet: case, spaces and hyphens do not count, O is 0, I and L are 1.
  /// Nothing if anything else is in it.
  static @Nullable String normal(String typed) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < typed.length(); i++) {
      char c = typed.charAt(i);
      if (c == ' ' || c == '-') {
        continue;
      }
      // Not Character.toUpperCase, for which other alphabets have letters that become ours.
      char upper = c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
      char read = upper == 'O' ? '0' : upper == 'I' || upper == 'L' ? '1' : upper;
      if (ALPHABET.indexOf(read) < 0) {
        return null;
      }
      text.append(read);
    }
    return text.toString();
  }

  /// In groups of four, with hyphens.
  static String grouped(String text) {
    StringBuilder groups = new StringBuilder(text);
    for (int at = (text.length() - 1) / GROUP * GROUP; at > 0; at -= GROUP) {
      groups.insert(at, '-');
    }
    return groups.toString();
  }
}
