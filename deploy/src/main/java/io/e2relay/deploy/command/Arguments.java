// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The words after a command: options with a value, switches without, and what is neither.
public final class Arguments {
  /// What a command understands.
  public record Known(Set<String> options, Set<String> switches, int wordsMax) {
  }

  private final Map<String, List<String>> options = new LinkedHashMap<>();
  private final List<String> words = new ArrayList<>();

  private Arguments() {
  }

  public static Arguments parse(List<String> given, Known known) throws UsageException {
    Arguments arguments = new Arguments();
    Iterator<String> rest = given.iterator();
    while (rest.hasNext()) {
      arguments.take(rest.next(), rest, known);
    }
    if (arguments.words.size() > known.wordsMax) {
      throw new UsageException("'%s' is not understood".formatted(arguments.words.get(known.wordsMax)));
    }
    return arguments;
  }

  /// The value of an option that may be given once.
  public @Nullable String option(String name) throws UsageException {
    List<String> values = all(name);
    if (values.size() > 1) {
      throw new UsageException(name + " is given twice");
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  public List<String> all(String name) {
    return options.getOrDefault(name, List.of());
  }

  public boolean has(String name) {
    return options.containsKey(name);
  }

  public List<String> words() {
    return List.copyOf(words);
  }

  /// A whole number in bounds, or the fallback when the option is not given.
  public int number(String name, int fallback, int min, int max) throws UsageException {
    String value = option(name);
    if (value == null) {
      return fallback;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException _) {
      // Told below, like a number out of bounds.
    }
    throw new UsageException("%s: is '%s', allowed is %d to %d".formatted(name, value, min, max));
  }

  private void take(String word, Iterator<String> rest, Known known) throws UsageException {
    int equals = word.indexOf('=');
    String name = equals > 0 ? word.substring(0, equals) : word;
    if (known.switches.contains(word)) {
      options.put(word, List.of(""));
    } else if (known.options.contains(name)) {
      if (equals < 0 && !rest.hasNext()) {
        throw new UsageException(name + " needs a value");
      }
      options.computeIfAbsent(name, _ -> new ArrayList<>()).add(equals > 0 ? word.substring(equals + 1) : rest.next());
    } else if (word.startsWith("-")) {
      throw new UsageException("there is no option '%s'".formatted(name));
    } else {
      words.add(word);
    }
  }
}
