// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.settings;

import io.e2relay.protocol.config.Settings;
import java.util.List;

/// How log lines look, and from which level on there are any.
public record LogConfig(String format, String level) {

  public static LogConfig read(Settings settings) {
    return new LogConfig(
        settings.choice("log.format", "auto", List.of("auto", "json", "text"),
            "Form of log lines; auto is text on a terminal and json elsewhere."),
        settings.choice("log.level", "info", List.of("error", "warn", "info", "debug"),
            "The least level of this service's own log lines."));
  }
}
