// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The configured values, read once by each module's config record; every read also documents its key.
///
/// All mistakes are collected, so that a bad configuration names each of them at once.
public final class Settings {
  /// One documented key.
  public record Row(String key, String value, String fallback, String allowed, String meaning) {
  }

  private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("------rwx");

  private final Map<String, String> values;
  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final List<String> mistakes = new ArrayList<>();

  public Settings(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  public String text(String key, String fallback, String meaning) {
    String value = values.getOrDefault(key, fallback);
    row(key, value, fallback, "text", meaning);
    return value;
  }

  public String choice(String key, String fallback, List<String> allowed, String meaning) {
    String value = values.getOrDefault(key, fallback);
    String choices = String.join(" | ", allowed);
    row(key, value, fallback, choices, meaning);
    if (!allowed.contains(value)) {
      mistakes.add("%s: is '%s', allowed are %s".formatted(key, value, choices));
      return fallback;
    }
    return value;
  }

  public boolean flag(String key, boolean fallback, String meaning) {
    return Boolean.parseBoolean(choice(key, String.valueOf(fallback), List.of("true", "false"), meaning));
  }

  public int number(String key, int fallback, int min, int max, String meaning) {
    String value = values.getOrDefault(key, String.valueOf(fallback));
    String allowed = min + " to " + max;
    row(key, value, String.valueOf(fallback), allowed, meaning);
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Told below, like a number out of bounds.
    }
    mistakes.add("%s: is '%s', allowed is %s".formatted(key, value, allowed));
    return fallback;
  }

  /// A time in milliseconds; the key ends with .ms.
  public Duration millis(String key, int fallback, int min, int max, String meaning) {
    return Duration.ofMillis(number(key, fallback, min, max, meaning));
  }

  /// A secret is never a value but the content of a file, so that it shows in no process list and no dump.
  public Secret secretFile(String key, String meaning) {
    String file = values.getOrDefault(key, "");
    row(key, file, "", "a file that only its owner may read", meaning);
    if (file.isEmpty()) {
      return new Secret("");
    }
    try {
      return new Secret(Files.readString(Path.of(file)).strip());
    } catch (IOException e) {
      mistakes.add("%s: cannot read '%s' (%s)".formatted(key, file, e.getClass().getSimpleName()));
      return new Secret("");
    }
  }

  /// A secret that must be given, in a file that its group may read but nobody else on the machine. Null is a mistake
  /// that was found.
  public @Nullable Secret closedFile(String key, String allowed, String meaning) {
    String file = values.getOrDefault(key, "");
    row(key, file, "", allowed, meaning);
    if (file.isEmpty()) {
      mistakes.add(key + ": is missing, allowed is " + allowed);
      return null;
    }
    try {
      Path path = Path.of(file);
      if (Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS::contains)) {
        mistakes.add("%s: others may get at '%s', allowed is %s".formatted(key, file, allowed));
        return null;
      }
      return new Secret(Files.readString(path, StandardCharsets.US_ASCII).strip());
    } catch (IOException | InvalidPathException e) {
      mistakes.add("%s: cannot read '%s' (%s)".formatted(key, file, e.getClass().getSimpleName()));
      return null;
    }
  }

  /// Says that a value is missing or does not fit with another.
  public void mistake(String key, String problem) {
    mistakes.add(key + ": " + problem);
  }

  /// Every mistake found so far, and every given key that nothing has read.
  public List<String> mistakes() {
    List<String> all = new ArrayList<>(mistakes);
    for (String key : new TreeSet<>(values.keySet())) {
      if (!rows.containsKey(key)) {
        all.add("%s: no such key; allowed are %s".formatted(key, String.join(", ", rows.keySet())));
      }
    }
    return List.copyOf(all);
  }

  public List<Row> rows() {
    return List.copyOf(rows.values());
  }

  private void row(String key, String value, String fallback, String allowed, String meaning) {
    if (rows.put(key, new Row(key, value, fallback, allowed, meaning)) != null) {
      throw new IllegalStateException("two settings are called " + key);
    }
  }
}
