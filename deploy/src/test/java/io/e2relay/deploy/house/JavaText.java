// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tells code from comments and strings, so that a word is found only where it means something.
final class JavaText {
  private static final Pattern PIECE = Pattern
      .compile("(?<text>\"\"\"(?:\\\\.|[^\\\\])*?\"\"\"|\"(?:\\\\.|[^\"\\\\\n])*\"|'(?:\\\\.|[^'\\\\\n])*')"
          + "|(?<comment>//[^\n]*|/\\*[\\s\\S]*?\\*/)");

  private JavaText() {
  }

  /// The code with comments and the insides of strings blanked out; lines stay where they are.
  static String code(String source) {
    return PIECE.matcher(source).replaceAll(piece -> blank(piece.group()));
  }

  /// Only the comments; lines stay where they are.
  static String comments(String source) {
    StringBuilder comments = new StringBuilder();
    Matcher pieces = PIECE.matcher(source);
    int from = 0;
    while (pieces.find()) {
      comments.append(blank(source.substring(from, pieces.start())));
      comments.append(pieces.group("comment") == null ? blank(pieces.group()) : pieces.group());
      from = pieces.end();
    }
    return comments.append(blank(source.substring(from))).toString();
  }

  static int line(String source, int position) {
    return 1 + (int) source.substring(0, position).chars().filter(c -> c == '\n').count();
  }

  private static String blank(String text) {
    return text.replaceAll("[^\n]", " ");
  }
}
