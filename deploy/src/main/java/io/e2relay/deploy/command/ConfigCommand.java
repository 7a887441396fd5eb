// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.deploy.settings.ConfigTable;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `config`: tells the configuration without starting anything.
public final class ConfigCommand implements Command {
  private static final Arguments.Known KNOWN = new Arguments.Known(Configured.OPTIONS, Set.of(), 1);

  @Override
  public String name() {
    return "config";
  }

  @Override
  public void run(List<String> given, Terminal terminal) throws UsageException {
    Arguments arguments = Arguments.parse(given, KNOWN);
    String what = arguments.words().isEmpty() ? "" : arguments.words().getFirst();
    switch (what) {
      case "print" -> {
        Configured configured = Configured.forServe(arguments, terminal, Map.of());
        terminal.out().print(ConfigTable.print(configured.rows()));
        // Shown all the same: whoever corrects it wants to see it.
        configured.checked();
      }
      case "check" -> {
        int keys = Configured.forServe(arguments, terminal, Map.of()).checked().rows().size();
        terminal.out().println("The configuration is good (" + keys + " keys).");
      }
      case "docs" -> terminal.out().print(ConfigTable.markdown(Configured.defaults()));
      default -> throw new UsageException((what.isEmpty() ? "say what of it" : "'%s' is not understood".formatted(what))
          + ": config print, config check or config docs");
    }
  }
}
