// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

/// Tells code from comments and strings, so that a word is found only where it means something.
final class JavaText {
  private static final String BLOCK = "\"\"\"";

  private final String source;
  private final StringBuilder code = new StringBuilder();
  private final StringBuilder comments = new StringBuilder();

  private JavaText(String source) {
    this.source = source;
    int at = 0;
    while (at < source.length()) {
      at = piece(at);
    }
  }

  /// The code with comments and strings blanked out; lines stay where they are.
  static String code(String source) {
    return new JavaText(source).code.toString();
  }

  /// Only the comments; lines stay where they are.
  static String comments(String source) {
    return new JavaText(source).comments.toString();
  }

  static int line(String source, int position) {
    return 1 + (int) source.substring(0, position).chars().filter(c -> c == '\n').count();
  }

  private int piece(int at) {
    if (source.startsWith("//", at)) {
      return comment(at, end(at, "\n", 0));
    }
    if (source.startsWith("/*", at)) {
      return comment(at, end(at + 2, "*/", 2));
    }
    if (source.startsWith(BLOCK, at)) {
      return string(at, at + BLOCK.length(), BLOCK);
    }
    char c = source.charAt(at);
    if (c == '"' || c == '\'') {
      return string(at, at + 1, String.valueOf(c));
    }
    code.append(c);
    comments.append(c == '\n' ? c : ' ');
    return at + 1;
  }

  private int end(int from, String mark, int markLength) {
    int found = source.indexOf(mark, from);
    return found < 0 ? source.length() : found + markLength;
  }

  private int string(int start, int from, String quote) {
    int at = from;
    while (at < source.length() && !source.startsWith(quote, at)) {
      at += source.charAt(at) == '\\' ? 2 : 1;
    }
    int end = Math.min(source.length(), at + quote.length());
    blank(code, start, end);
    blank(comments, start, end);
    return end;
  }

  private int comment(int start, int end) {
    blank(code, start, end);
    comments.append(source, start, end);
    return end;
  }

  private void blank(StringBuilder text, int start, int end) {
    for (int i = start; i < end; i++) {
      text.append(source.charAt(i) == '\n' ? '\n' : ' ');
    }
  }
}
