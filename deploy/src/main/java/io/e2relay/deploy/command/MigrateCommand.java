// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.backing.BackingException;
import io.e2relay.backing.Migrations;
import io.e2relay.deploy.log.Logs;
import io.e2relay.deploy.node.Schemas;
import io.e2relay.protocol.config.Postgres;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `migrate`: brings the configured database to this release.
public final class MigrateCommand implements Command {
  private static final Arguments.Known KNOWN = new Arguments.Known(Configured.OPTIONS, Set.of("--check"), 0);

  @Override
  public String name() {
    return "migrate";
  }

  @Override
  public void run(List<String> given, Terminal terminal) throws UsageException, FailedException {
    Arguments arguments = Arguments.parse(given, KNOWN);
    Configured configured = Configured.forServe(arguments, terminal, Map.of()).checked();
    Logs.configure(configured.server().log().format(), configured.server().log().level());
    Postgres postgres = configured.services().postgres();
    try {
      if (arguments.has("--check")) {
        requireNone(postgres);
        terminal.out().println("The database is up to date.");
      } else {
        terminal.out().println("Migration steps taken: " + Migrations.run(postgres, Schemas.ALL));
      }
    } catch (BackingException e) {
      throw new FailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /// Fails when the database is older than this release.
  static void requireNone(Postgres postgres) throws FailedException {
    int pending = Migrations.pending(postgres, Schemas.ALL);
    if (pending > 0) {
      throw new FailedException(
          "The database lacks %d migration steps of this release: run `migrate`, or `serve --migrate`."
              .formatted(pending));
    }
  }
}
