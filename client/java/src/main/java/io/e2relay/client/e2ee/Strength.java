// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How many guesses a password that somebody made up is worth, at most.
///
/// The password is read from left to right, and each piece counts what choosing it would cost a guesser who knows the
/// trick: a frequent password 6 bits, a word of the passphrase list 13, a piece that was there before 3, a character
/// beside the one before (in the alphabet, on the keyboard, or the same again) 1, and every other character by its
/// kind. This knows no names, dates, songs or other languages, which are worth less than it says; only what is
/// generated is known to be strong.
public final class Strength {
  public static final int CHARACTERS_MIN = 12;
  public static final double BITS_MIN = 50;

  private static final double FREQUENT_BITS = 6;
  private static final double WORD_BITS = 12.9;
  private static final double REPEATED_BITS = 3;
  private static final double BESIDE_BITS = 1;
  private static final int WORD_CHARACTERS_MIN = 3;
  private static final int REPEATED_CHARACTERS_MIN = 3;
  private static final List<String> ROWS = List.of("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm",
      "azertyuiop", "1234567890");
  private static final List<String> FREQUENT = List.of("password", "passwort", "passw0rd", "p@ssword", "iloveyou",
      "letmein", "welcome", "football", "baseball", "princess", "sunshine", "superman", "trustno1", "whatever",
      "secret", "monkey", "dragon", "master", "shadow", "michael", "jesus", "admin", "login", "hallo", "hello", "pass",
      "love", "correct horse battery staple", "correcthorsebatterystaple");

  private Strength() {
  }

  /// Whether a password that somebody made up may guard a backup.
  public static boolean suffices(String password) {
    return password.codePointCount(0, password.length()) >= CHARACTERS_MIN && bits(password) >= BITS_MIN;
  }

  /// The estimate, in bits.
  public static double bits(String password) {
    String text = password.toLowerCase(Locale.ROOT);
    double bits = 0;
    int at = 0;
    while (at < text.length()) {
      String left = text.substring(at);
      int frequent = FREQUENT.stream().filter(left::startsWith).mapToInt(String::length).max().orElse(0);
      int word = word(left);
      int repeated = repeated(text, at);
      if (frequent > 0) {
        bits += FREQUENT_BITS;
        at += frequent;
      } else if (repeated >= Math.max(word, REPEATED_CHARACTERS_MIN)) {
        bits += REPEATED_BITS;
        at += repeated;
      } else if (word > 0) {
        bits += Math.min(WORD_BITS, letters(left.substring(0, word)));
        at += word;
      } else {
        bits += at > 0 && beside(text.charAt(at - 1), text.charAt(at)) ? BESIDE_BITS : kind(text.charAt(at));
        at++;
      }
    }
    return bits;
  }

  private static int word(String left) {
    for (int length = Math.min(left.length(), Known.LONGEST); length >= WORD_CHARACTERS_MIN; length--) {
      if (Known.WORDS.contains(left.substring(0, length))) {
        return length;
      }
    }
    return 0;
  }

  /// How much of what follows was there before.
  private static int repeated(String text, int at) {
    int length = 0;
    while (at + length < text.length() && text.substring(0, at).contains(text.substring(at, at + length + 1))) {
      length++;
    }
    return length;
  }

  private static boolean beside(char one, char other) {
    if (Math.abs(one - other) <= 1) {
      return true;
    }
    return ROWS.stream().anyMatch(row -> row.indexOf(one) >= 0 && row.indexOf(other) >= 0
        && Math.abs(row.indexOf(one) - row.indexOf(other)) == 1);
  }

  private static double letters(String word) {
    return 4.7 * word.length();
  }

  private static double kind(char character) {
    if (Character.isDigit(character)) {
      return 3.3;
    }
    return Character.isLetter(character) ? 4.7 : 5;
  }

  private static final class Known {
    private static final Set<String> WORDS = Stream
        .concat(Words.all().stream(), Words.all().stream().map(word -> word.replace("-", "")))
        .collect(Collectors.toSet());
    private static final int LONGEST = WORDS.stream().map(String::length).max(Comparator.naturalOrder()).orElse(0);
  }
}
