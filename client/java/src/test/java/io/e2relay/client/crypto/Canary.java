// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import com.google.protobuf.ByteString;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A secret that can be recognised in whatever is printed: as text, in hex, base64, and as numbers.
final class Canary {
  private static final String PATTERN = "cAnArY!";
  private static final List<String> SONGS = songs();

  private Canary() {
  }

  /// So many bytes of it; also a private key of the curve, if they are 32.
  static ByteString bytes(int count) {
    return ByteString.copyFromUtf8(text(count));
  }

  static String text(int count) {
    return PATTERN.repeat(count / PATTERN.length() + 1).substring(0, count);
  }

  static boolean sings(String printed) {
    String lower = printed.toLowerCase(Locale.ROOT);
    return SONGS.stream().anyMatch(song -> printed.contains(song) || lower.contains(song));
  }

  /// All that a failure tells whoever prints it.
  static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static List<String> songs() {
    byte[] pattern = PATTERN.getBytes(StandardCharsets.US_ASCII);
    String hex = Octets.hex(ByteString.copyFrom(pattern));
    String numbers = Arrays.toString(pattern).replaceAll("[\\[\\]]", "");
    // Wherever it begins within a group of three bytes; the ends of the text depend on the neighbours.
    Stream<String> base64 = IntStream.range(0, 3).mapToObj(offset -> {
      byte[] shifted = Arrays.copyOfRange((PATTERN + PATTERN).getBytes(StandardCharsets.US_ASCII), offset, offset + 6);
      return Base64.getEncoder().encodeToString(shifted).substring(0, 6);
    });
    Stream<String> crockford = IntStream.range(0, 5)
        .mapToObj(offset -> Base32.encode(bytes(20).substring(offset, offset + 5)));
    return Stream.of(Stream.of(PATTERN, hex.substring(0, 8), hex.substring(4), numbers), base64, crockford)
        .flatMap(songs -> songs).collect(Collectors.toList());
  }
}
