// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.settings;

import io.e2relay.protocol.config.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The configured keys as text: for people at a terminal, and for the docs.
public final class ConfigTable {
  private ConfigTable() {
  }

  /// A properties file that says what is in effect; the path of a secret may show, its content never does.
  public static String print(List<Settings.Row> rows) {
    StringBuilder text = new StringBuilder();
    for (Settings.Row row : rows) {
      text.append(row.key()).append(" = ").append(row.value()).append('\n');
    }
    return text.toString();
  }

  /// The page docs/CONFIG.md.
  public static String markdown(List<Settings.Row> rows) {
    StringBuilder text = new StringBuilder("""
        # Configuration

        Every key, its default and what it means. Written by `deploy/e2relay config docs`; a test compares the two.

        A value comes from `--set KEY=VALUE`, else from the environment (`E2RELAY_RELAY_PORT` is `relay.port`), else
        from the file that `--config` names (lines of `key = value`), else it is the default. Secrets are never values
        but files. A key that does not exist stops the start, and all mistakes are named at once.

        """);
    Map<String, List<Settings.Row>> sections = rows.stream().collect(Collectors
        .groupingBy(row -> row.key().substring(0, row.key().indexOf('.')), LinkedHashMap::new, Collectors.toList()));
    text.append(sections.entrySet().stream().map(section -> section(section.getKey(), section.getValue()))
        .collect(Collectors.joining("\n")));
    return text.toString();
  }

  private static String section(String name, List<Settings.Row> rows) {
    StringBuilder text = new StringBuilder("## ").append(name)
        .append("\n\n| key | default | allowed | meaning |\n|---|---|---|---|\n");
    for (Settings.Row row : rows) {
      text.append("| `").append(row.key()).append("` | ").append(row.fallback().isEmpty() ? "" : code(row.fallback()))
          .append(" | ").append(cell(row.allowed())).append(" | ").append(cell(row.meaning())).append(" |\n");
    }
    return text.toString();
  }

  private static String code(String text) {
    return "`" + cell(text) + "`";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
