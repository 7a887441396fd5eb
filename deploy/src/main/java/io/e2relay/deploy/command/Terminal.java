// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import java.io.PrintStream;
import java.util.Map;

/// The surroundings of a command: where its answers go, and the environment it was started with.
public record Terminal(PrintStream out, PrintStream err, Map<String, String> environment) {
  public Terminal {
    environment = Map.copyOf(environment);
  }
}
