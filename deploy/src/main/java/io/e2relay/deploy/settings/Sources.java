// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.settings;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The configured values from file, environment and flags, later ones outdoing earlier ones.
public final class Sources {
  private static final String PREFIX = "E2RELAY_";
  // What the tests and the launcher read, and what Kubernetes puts into every pod beside a service called e2relay.
  private static final Pattern FOREIGN_NAME = Pattern
      .compile("E2RELAY_(CHROMIUM|TEST_.*|(.*_)?SERVICE_(HOST|PORT)(_.*)?|(.*_)?PORT_[0-9]+_(TCP|UDP)(_.*)?)");
  private static final Pattern FOREIGN_VALUE = Pattern.compile("(tcp|udp)://.*");

  /// The values by key, and what was wrong with the sources themselves.
  public record Read(Map<String, String> values, List<String> mistakes) {
  }

  private final TreeMap<String, String> values = new TreeMap<>();
  private final List<String> mistakes = new ArrayList<>();

  private Sources() {
  }

  /// Reads the file if there is one, the environment, and the `key=value` texts of `--set`.
  public static Read read(@Nullable Path file, Map<String, String> environment, List<String> sets) {
    Sources sources = new Sources();
    if (file != null) {
      sources.addFile(file);
    }
    sources.addEnvironment(environment);
    sets.forEach(sources::addSet);
    return new Read(Map.copyOf(sources.values), List.copyOf(sources.mistakes));
  }

  private void addFile(Path file) {
    // Remembers the keys in their order; Properties alone would keep the last of two and say nothing.
    Map<String, String> read = new LinkedHashMap<>();
    try (Reader reader = new StringReader(Files.readString(file, StandardCharsets.UTF_8))) {
      new Collecting(read, key -> mistakes.add(key + ": is given twice in " + file)).load(reader);
    } catch (IOException | IllegalArgumentException e) {
      mistakes.add("--config: cannot read '%s' (%s)".formatted(file, e.getClass().getSimpleName()));
    }
    values.putAll(read);
  }

  private void addEnvironment(Map<String, String> environment) {
    environment.forEach((name, value) -> {
      boolean ours = name.startsWith(PREFIX) && name.length() > PREFIX.length();
      if (ours && !FOREIGN_NAME.matcher(name).matches() && !FOREIGN_VALUE.matcher(value).matches()) {
        values.put(name.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value.strip());
      }
    });
  }

  private void addSet(String set) {
    int equals = set.indexOf('=');
    if (equals < 1) {
      mistakes.add("--set: is '%s', allowed is KEY=VALUE".formatted(set));
    } else {
      values.put(set.substring(0, equals).strip(), set.substring(equals + 1).strip());
    }
  }

  /// The parser of the properties format, without its table.
  private static final class Collecting extends Properties {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, String> read;
    private final transient java.util.function.Consumer<String> twice;

    Collecting(Map<String, String> read, java.util.function.Consumer<String> twice) {
      this.read = read;
      this.twice = twice;
    }

    @Override
    public synchronized @Nullable Object put(Object key, Object value) {
      if (read.put(key.toString(), value.toString().strip()) != null) {
        twice.accept(key.toString());
      }
      return null;
    }
  }
}
