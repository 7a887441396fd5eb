// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.house;

import io.e2relay.protocol.error.CloseCode;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.frame.Limits;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the documents must tell.
final class DocRules {
  private static final Pattern CONFIG_KEY = Pattern
      .compile("\\.(?:text|choice|flag|number|millis|secretFile)\\(\\s*\"([a-z][a-z0-9]*(?:\\.[a-z0-9]+)+)\"");
  private static final Pattern METRIC = Pattern.compile("\"(e2relay_[a-z0-9_]+)\"");
  private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
  private static final Pattern CODE_BLOCK = Pattern.compile("(?s)```.*?```|`[^`\n]*`");

  private DocRules() {
  }

  /// One table row for each code, with number and advice; one for each limit, with its value.
  static List<String> catalogues(SourceTree tree) {
    String protocol = tree.files().getOrDefault("docs/PROTOCOL.md", "");
    List<String> wanted = new ArrayList<>();
    for (ErrorCode code : ErrorCode.values()) {
      wanted.add("| %d | %s | %s |".formatted(code.number(), code, code.advice().name().substring("ADVICE_".length())));
    }
    for (CloseCode code : CloseCode.values()) {
      wanted.add("| %d | %s | %s |".formatted(code.number(), code, code.reconnect() ? "yes" : "no"));
    }
    for (Field limit : Limits.class.getFields()) {
      wanted.add("| %s | %s |".formatted(limit.getName(), value(limit)));
    }
    return wanted.stream().filter(row -> !protocol.contains(row)).map(row -> "docs/PROTOCOL.md lacks " + row).toList();
  }

  static List<String> configKeys(SourceTree tree) {
    String config = tree.files().getOrDefault("docs/CONFIG.md", "");
    return names(tree, CONFIG_KEY).stream().filter(key -> !config.contains("`" + key + "`"))
        .map(key -> "docs/CONFIG.md lacks " + key).toList();
  }

  static List<String> metrics(SourceTree tree) {
    String docs = tree.matching("docs/.*\\.md").map(Map.Entry::getValue).collect(Collectors.joining("\n"));
    return names(tree, METRIC).stream().filter(metric -> !docs.contains("`" + metric + "`"))
        .map(metric -> "no document names " + metric).toList();
  }

  static List<String> links(SourceTree tree) {
    List<String> found = new ArrayList<>();
    tree.matching(".*\\.md").forEach(file -> {
      Matcher links = LINK.matcher(CODE_BLOCK.matcher(file.getValue()).replaceAll(""));
      while (links.find()) {
        String target = links.group(1);
        if (!target.matches("[a-z]+:.*") && !resolves(tree, file.getKey(), target)) {
          found.add(file.getKey() + " -> " + target);
        }
      }
    });
    return found;
  }

  private static boolean resolves(SourceTree tree, String from, String target) {
    String[] parts = target.split("#", 2);
    String path = parts[0].isEmpty() ? from : normal(from, parts[0]);
    String text = tree.files().get(path);
    if (text == null) {
      // A folder, or a file that is no text.
      return parts.length == 1 && (tree.files().keySet().stream().anyMatch(file -> file.startsWith(path + "/"))
          || java.nio.file.Files.exists(SourceTree.root().resolve(path)));
    }
    return parts.length == 1
        || HEADING.matcher(text).results().map(heading -> anchor(heading.group(1))).anyMatch(parts[1]::equals);
  }

  private static String normal(String from, String target) {
    return java.nio.file.Path.of(from).resolveSibling(target).normalize().toString().replace('\\', '/');
  }

  private static String anchor(String heading) {
    return heading.strip().toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }

  private static Set<String> names(SourceTree tree, Pattern pattern) {
    Set<String> names = new TreeSet<>();
    tree.javaOfMain().forEach(file -> pattern.matcher(file.getValue()).results().forEach(n -> names.add(n.group(1))));
    return names;
  }

  private static Object value(Field limit) {
    try {
      return limit.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("limits are public", e);
    }
  }
}
