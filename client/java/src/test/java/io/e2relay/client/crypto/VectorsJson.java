// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes the published vectors always the same way: what fits on a line stays on one, so that differences are read.
final class VectorsJson {
  private static final int WIDTH = 118;

  private VectorsJson() {
  }

  static String text(Map<String, ?> file) {
    return pretty(file, "") + "\n";
  }

  private static String pretty(Object value, String indent) {
    String line = line(value);
    if (line.length() + indent.length() <= WIDTH || !(value instanceof Map || value instanceof List)) {
      return line;
    }
    String deeper = indent + "  ";
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(field -> deeper + quoted(field.getKey()) + ": " + pretty(field.getValue(), deeper))
          .collect(Collectors.joining(",\n", "{\n", "\n" + indent + "}"));
    }
    return ((List<?>) value).stream().map(entry -> deeper + pretty(entry, deeper))
        .collect(Collectors.joining(",\n", "[\n", "\n" + indent + "]"));
  }

  private static String line(Object value) {
    return switch (value) {
      case Map<?, ?> map -> map.entrySet().stream().map(field -> quoted(field.getKey()) + ": " + line(field.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
      case List<?> list -> list.stream().map(VectorsJson::line).collect(Collectors.joining(", ", "[", "]"));
      case Integer number -> number.toString();
      case Long number -> number.toString();
      case Boolean truth -> truth.toString();
      default -> quoted(value);
    };
  }

  private static String quoted(Object value) {
    StringBuilder text = new StringBuilder("\"");
    for (char c : value.toString().toCharArray()) {
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    return text.append('"').toString();
  }
}
