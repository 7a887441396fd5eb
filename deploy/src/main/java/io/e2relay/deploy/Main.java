// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy;

import io.e2relay.deploy.command.Command;
import io.e2relay.deploy.command.ConfigCommand;
import io.e2relay.deploy.command.FailedException;
import io.e2relay.deploy.command.HelpText;
import io.e2relay.deploy.command.MigrateCommand;
import io.e2relay.deploy.command.ServeCommand;
import io.e2relay.deploy.command.Terminal;
import io.e2relay.deploy.command.TokenCommand;
import io.e2relay.deploy.command.UpCommand;
import io.e2relay.deploy.command.UsageException;
import io.e2relay.deploy.log.Logs;
import java.util.List;

/// The command line of the server.
public final class Main {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int MISUSED = 2;

  private static final List<Command> COMMANDS = List.of(new UpCommand(), new ServeCommand(), new MigrateCommand(),
      new ConfigCommand(), new TokenCommand());

  private Main() {
  }

  /// Ends the JVM with the exit code.
  public static void main(String[] arguments) {
    // Before any library gets to log, for until then everything would go to stdout. Servers configure it again.
    Logs.configure("auto", "warn");
    System.exit(run(List.of(arguments), new Terminal(System.out, System.err, System.getenv())));
  }

  static int run(List<String> arguments, Terminal terminal) {
    String name = arguments.isEmpty() ? "" : arguments.getFirst();
    if (List.of("--help", "-h", "help").contains(name)) {
      terminal.out().print(HelpText.of("e2relay"));
      return DONE;
    }
    for (Command command : COMMANDS) {
      if (command.name().equals(name)) {
        return run(command, arguments.subList(1, arguments.size()), terminal);
      }
    }
    terminal.err().println(
        "e2relay: " + (name.isEmpty() ? "no command is given" : "there is no command '" + name + "'") + "; see --help");
    return MISUSED;
  }

  private static int run(Command command, List<String> arguments, Terminal terminal) {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      terminal.out().print(HelpText.of(command.name()));
      return DONE;
    }
    try {
      command.run(arguments, terminal);
      return DONE;
    } catch (UsageException e) {
      terminal.err().println("e2relay: " + e.getMessage());
      return MISUSED;
    } catch (FailedException e) {
      terminal.err().println("e2relay: " + e.getMessage());
      return FAILED;
    }
  }
}
