// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One line of a layout in docs/PROTOCOL.md: what stands there, and what it may be.
sealed interface LayoutLine {
  String name();

  /// `to` is the limit of the type where the document names none.
  record Value(String name, int bytes, long from, long to, boolean either) implements LayoutLine {
    boolean allows(long value) {
      return either ? value == from || value == to : from <= value && value <= to;
    }

    Fault fault() {
      return switch (name) {
        case "ver" -> Fault.UNKNOWN_VERSION;
        case "suite" -> Fault.UNKNOWN_SUITE;
        case "kdf_id", "iterations" -> Fault.WEAK_KDF;
        case "n" -> Fault.OUT_OF_RANGE;
        case String length when length.endsWith("_length") -> Fault.WRONG_LENGTH;
        case String _ when bytes == 1 -> Fault.UNKNOWN_VALUE;
        case String _ -> Fault.OUT_OF_RANGE;
      };
    }
  }

  record PublicKey(String name) implements LayoutLine {
  }

  record Fixed(String name, int bytes) implements LayoutLine {
  }

  /// As long as a field before says.
  record Measured(String name, String length) implements LayoutLine {
  }

  /// There only if a field before is, or is above, a number.
  record Conditional(String name, int bytes, String field, boolean above, long number) implements LayoutLine {
    boolean holds(long value) {
      return above ? value > number : value == number;
    }
  }

  /// What is left but the last bytes; where the document says so, of one of the lengths base + n * step.
  record Rest(String name, int but, long base, long step, long from, long to) implements LayoutLine {
    boolean allows(int length) {
      long times = step == 0 ? 0 : (length - base) / step;
      return step == 0 || (length == base + times * step && from <= times && times <= to);
    }
  }

  /// `n` entries: each a layout of its own or, if `bytes` is above 0, that many bytes.
  record Entries(String name, String layout, int bytes, String ascendingBy) implements LayoutLine {
  }

  /// What came before has a name: tbs, header.
  record Ends(String name) implements LayoutLine {
  }

  Pattern END = Pattern.compile("--- (\\w+) ends");
  Pattern LINE = Pattern.compile("(u8|u16|u32|u64|point|bytes|list) +(\\w+)(?: +(\\S.*?))?");
  Pattern RANGE = Pattern.compile("(\\d+)(\\.\\.(\\d*))?");
  Pattern EITHER = Pattern.compile("(\\d+) or (\\d+)");
  Pattern CONDITION = Pattern.compile("(\\d+) if (\\w+) ([=>]) (\\d+)");
  Pattern REST = Pattern
      .compile("what is left(?: but (\\d+))?(?:: (\\d+) \\+ n \\* (\\d+) for (\\d+) to (\\d+) \\w+)?");
  Pattern LIST = Pattern.compile("n \\* (?:bytes (\\d+)|(\\w+), ascending by (\\w+))");

  static LayoutLine parse(String line) {
    Matcher end = END.matcher(line);
    if (end.matches()) {
      return new Ends(end.group(1));
    }
    Matcher field = match(LINE, line, line);
    String name = field.group(2);
    String rule = field.group(3) == null ? "" : field.group(3);
    return switch (field.group(1)) {
      case "u8" -> number(name, 1, rule);
      case "u16" -> number(name, 2, rule);
      case "u32" -> number(name, 4, rule);
      case "u64" -> number(name, 8, rule);
      case "point" -> new PublicKey(name);
      case "list" -> list(name, rule);
      default -> bytes(name, rule);
    };
  }

  private static LayoutLine number(String name, int bytes, String rule) {
    long most = bytes == 8 ? (1L << 53) - 1 : (1L << (8 * bytes)) - 1;
    Matcher either = EITHER.matcher(rule);
    if (rule.isEmpty()) {
      return new Value(name, bytes, 0, most, false);
    } else if (either.matches()) {
      return new Value(name, bytes, Long.parseLong(either.group(1)), Long.parseLong(either.group(2)), true);
    }
    Matcher range = match(RANGE, rule, name);
    long from = Long.parseLong(range.group(1));
    if (range.group(2) == null) {
      return new Value(name, bytes, from, from, false);
    }
    return new Value(name, bytes, from, range.group(3).isEmpty() ? most : Long.parseLong(range.group(3)), false);
  }

  private static LayoutLine bytes(String name, String rule) {
    Matcher condition = CONDITION.matcher(rule);
    Matcher rest = REST.matcher(rule);
    if (rule.matches("\\d+")) {
      return new Fixed(name, Integer.parseInt(rule));
    } else if (rule.matches("[a-z_]+_length")) {
      return new Measured(name, rule);
    } else if (condition.matches()) {
      return new Conditional(name, Integer.parseInt(condition.group(1)), condition.group(2),
          condition.group(3).equals(">"), Long.parseLong(condition.group(4)));
    }
    match(REST, rule, name);
    rest.matches();
    return new Rest(name, (int) number(rest, 1), number(rest, 2), number(rest, 3), number(rest, 4), number(rest, 5));
  }

  private static LayoutLine list(String name, String rule) {
    Matcher list = match(LIST, rule, name);
    return list.group(1) == null
        ? new Entries(name, list.group(2), 0, list.group(3))
        : new Entries(name, "", Integer.parseInt(list.group(1)), "");
  }

  private static long number(Matcher matcher, int group) {
    return matcher.group(group) == null ? 0 : Long.parseLong(matcher.group(group));
  }

  private static Matcher match(Pattern pattern, String text, String where) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not part of the notation of layouts: " + where + ": " + text);
    }
    return matcher;
  }
}
