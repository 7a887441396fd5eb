// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.command;

import io.e2relay.backing.BackingException;
import io.e2relay.backing.Migrations;
import io.e2relay.deploy.log.Logs;
import io.e2relay.deploy.node.Lifetime;
import io.e2relay.deploy.node.Node;
import io.e2relay.deploy.node.Schemas;
import io.e2relay.protocol.config.Postgres;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `serve`: the service for production, on services that others run. It has no way to issue a token.
public final class ServeCommand implements Command {
  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
  private static final Arguments.Known KNOWN = new Arguments.Known(Configured.and("--roles"),
      Set.of("--migrate", "--cluster"), 0);

  @Override
  public String name() {
    return "serve";
  }

  @Override
  public void run(List<String> given, Terminal terminal) throws UsageException, FailedException {
    Arguments arguments = Arguments.parse(given, KNOWN);
    Configured configured = Configured.forServe(arguments, terminal, flags(arguments)).checked();
    Logs.configure(configured.server().log().format(), configured.server().log().level());
    migrate(configured.services().postgres(), arguments.has("--migrate"));
    new Running(Lifetime.ofProcess()).run(lifetime -> {
      Node.Ports ports = Node.start(lifetime, configured.server(), configured.services(), List.of());
      LOG.info("serving on port {}, health and metrics on port {}", ports.open(), ports.internal());
    });
  }

  private static Map<String, String> flags(Arguments arguments) throws UsageException {
    Map<String, String> flags = new HashMap<>();
    String roles = arguments.option("--roles");
    if (roles != null) {
      flags.put("node.roles", roles);
    }
    if (arguments.has("--cluster")) {
      flags.put("cluster.enabled", "true");
    }
    return flags;
  }

  private static void migrate(Postgres postgres, boolean allowed) throws FailedException {
    try {
      if (allowed) {
        Migrations.run(postgres, Schemas.ALL);
      } else {
        MigrateCommand.requireNone(postgres);
      }
    } catch (BackingException e) {
      throw new FailedException(String.valueOf(e.getMessage()), e);
    }
  }
}
