// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.deploy.settings.ServerConfig;
import io.e2relay.deploy.settings.Sources;
import io.e2relay.protocol.config.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The configuration as a command's options, its environment and its file give it; all mistakes are told at once.
record Configured(ServerConfig server, ServerConfig.Services services, List<Settings.Row> rows, List<String> mistakes) {
  static final Set<String> OPTIONS = Set.of("--config", "--set");

  /// The options of a command that is configured.
  static Set<String> and(String... others) {
    return Stream.concat(OPTIONS.stream(), Stream.of(others)).collect(Collectors.toUnmodifiableSet());
  }

  /// For `serve` and its kin: PostgreSQL and Redis are configured too. Its caller asks for it checked, or shows it.
  static Configured forServe(Arguments arguments, Terminal terminal, Map<String, String> outdoing)
      throws UsageException {
    Sources.Read sources = sources(arguments, terminal);
    Map<String, String> values = new HashMap<>(sources.values());
    values.putAll(outdoing);
    Settings settings = new Settings(values);
    return read(settings, sources.mistakes());
  }

  /// This configuration, if there is nothing wrong with it.
  Configured checked() throws UsageException {
    requireNone(mistakes);
    return this;
  }

  /// The rows alone, whatever the values are worth.
  static List<Settings.Row> defaults() {
    return read(new Settings(Map.of()), List.of()).rows();
  }

  /// The values that `up` adds: its own defaults, its own flags, and what it decides, which nobody may configure.
  record Layers(Map<String, String> defaults, Map<String, String> flags, Map<String, String> decided) {
  }

  static ServerConfig forUp(Arguments arguments, Terminal terminal, Layers layers) throws UsageException {
    Sources.Read sources = sources(arguments, terminal);
    Map<String, String> values = new HashMap<>(layers.defaults);
    values.putAll(sources.values());
    values.putAll(layers.flags);
    values.putAll(layers.decided);
    Settings settings = new Settings(values);
    ServerConfig server = ServerConfig.read(settings);
    List<String> mistakes = new ArrayList<>(sources.mistakes());
    for (String key : new TreeSet<>(layers.decided.keySet())) {
      if (sources.values().containsKey(key)) {
        mistakes.add(key + ": cannot be set for `up`, which decides it itself");
      }
    }
    mistakes.addAll(settings.mistakes());
    requireNone(mistakes);
    return server;
  }

  private static Configured read(Settings settings, List<String> mistakes) {
    ServerConfig server = ServerConfig.read(settings);
    ServerConfig.Services services = ServerConfig.Services.read(settings);
    return new Configured(server, services, settings.rows(),
        Stream.concat(mistakes.stream(), settings.mistakes().stream()).toList());
  }

  private static Sources.Read sources(Arguments arguments, Terminal terminal) throws UsageException {
    String file = arguments.option("--config");
    return Sources.read(file == null ? null : Path.of(file), terminal.environment(), arguments.all("--set"));
  }

  private static void requireNone(List<String> mistakes) throws UsageException {
    if (!mistakes.isEmpty()) {
      throw new UsageException(
          mistakes.stream().collect(Collectors.joining("\n  ", "the configuration is wrong:\n  ", "")));
    }
  }
}
