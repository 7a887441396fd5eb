// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Reads records by the layouts of docs/PROTOCOL.md alone: it shares no code with the readers of the product.
final class LayoutReader {
  private static final Pattern BLOCK = Pattern.compile("```layout (\\w+)\n(.*?)\n```", Pattern.DOTALL);

  private final Map<String, List<LayoutLine>> layouts;

  private LayoutReader(Map<String, List<LayoutLine>> layouts) {
    this.layouts = layouts;
  }

  static LayoutReader of(String document) {
    return new LayoutReader(BLOCK.matcher(document).results()
        .collect(Collectors.toMap(block -> block.group(1), LayoutReader::lines, (one, _) -> one, LinkedHashMap::new)));
  }

  private static List<LayoutLine> lines(MatchResult block) {
    return block.group(2).lines().map(LayoutLine::parse).toList();
  }

  List<String> names() {
    return List.copyOf(layouts.keySet());
  }

  /// Its fields in their order (numbers, bytes as hex, lists of both) and how many bytes its named parts have.
  record Layout(Map<String, Object> fields, Map<String, Integer> parts) {
  }

  Reading<Layout> read(String name, ByteString bytes) {
    Cursor cursor = new Cursor(bytes);
    try {
      Layout layout = layout(name, cursor);
      return cursor.left() > 0 ? new Reading.Unreadable<>(Fault.TRAILING_BYTES) : new Reading.Read<>(layout);
    } catch (FaultyException e) {
      return new Reading.Unreadable<>(e.fault);
    }
  }

  private Layout layout(String name, Cursor cursor) throws FaultyException {
    Map<String, Object> fields = new LinkedHashMap<>();
    Map<String, Integer> parts = new LinkedHashMap<>();
    for (LayoutLine line : requireNonNull(layouts.get(name), name)) {
      switch (line) {
        case LayoutLine.Value number -> fields.put(number.name(), number(number, cursor));
        case LayoutLine.PublicKey key -> fields.put(key.name(), point(cursor));
        case LayoutLine.Fixed fixed -> fields.put(fixed.name(), cursor.hex(fixed.bytes()));
        case LayoutLine.Measured measured ->
          fields.put(measured.name(), cursor.hex((int) value(fields, measured.length())));
        case LayoutLine.Conditional conditional -> {
          if (conditional.holds(value(fields, conditional.field()))) {
            fields.put(conditional.name(), cursor.hex(conditional.bytes()));
          }
        }
        case LayoutLine.Rest rest -> fields.put(rest.name(), rest(rest, cursor));
        case LayoutLine.Entries entries ->
          fields.put(entries.name(), entries(entries, (int) value(fields, "n"), cursor));
        case LayoutLine.Ends ends -> parts.put(ends.name(), cursor.at);
      }
    }
    return new Layout(fields, parts);
  }

  private static long value(Map<String, Object> fields, String name) {
    return (Long) requireNonNull(fields.get(name), name);
  }

  private static long number(LayoutLine.Value line, Cursor cursor) throws FaultyException {
    long value = 0;
    for (byte one : cursor.take(line.bytes())) {
      value = value << 8 | (one & 0xff);
    }
    if (!line.allows(value)) {
      throw new FaultyException(line.fault());
    }
    return value;
  }

  private static String point(Cursor cursor) throws FaultyException {
    String point = cursor.hex(Point.BYTES);
    if (!point.startsWith("04")) {
      throw new FaultyException(Fault.MALFORMED_POINT);
    }
    return point;
  }

  private static String rest(LayoutLine.Rest line, Cursor cursor) throws FaultyException {
    int length = cursor.left() - line.but();
    if (length < 0) {
      throw new FaultyException(Fault.TRUNCATED);
    } else if (!line.allows(length)) {
      throw new FaultyException(Fault.WRONG_LENGTH);
    }
    return cursor.hex(length);
  }

  private List<Object> entries(LayoutLine.Entries line, int count, Cursor cursor) throws FaultyException {
    List<Object> entries = new ArrayList<>();
    Object before = null;
    for (int i = 0; i < count; i++) {
      if (line.bytes() > 0) {
        entries.add(cursor.hex(line.bytes()));
      } else {
        Map<String, Object> entry = layout(line.layout(), cursor).fields();
        Object key = requireNonNull(entry.get(line.ascendingBy()));
        if (before != null && !ascending(before, key)) {
          throw new FaultyException(Fault.UNSORTED);
        }
        before = key;
        entries.add(entry);
      }
    }
    return entries;
  }

  private static boolean ascending(Object before, Object key) {
    if (before instanceof Long one && key instanceof Long two) {
      return one < two;
    }
    HexFormat hex = HexFormat.of();
    return Arrays.compareUnsigned(hex.parseHex((String) before), hex.parseHex((String) key)) < 0;
  }

  private static final class Cursor {
    private final byte[] bytes;
    private int at;

    Cursor(ByteString bytes) {
      this.bytes = bytes.toByteArray();
    }

    int left() {
      return bytes.length - at;
    }

    byte[] take(int count) throws FaultyException {
      if (left() < count) {
        throw new FaultyException(Fault.TRUNCATED);
      }
      at += count;
      return Arrays.copyOfRange(bytes, at - count, at);
    }

    String hex(int count) throws FaultyException {
      return HexFormat.of().formatHex(take(count));
    }
  }

  private static final class FaultyException extends Exception {
    private static final long serialVersionUID = 1;
    private final Fault fault;

    FaultyException(Fault fault) {
      super(fault.name());
      this.fault = fault;
    }
  }
}
