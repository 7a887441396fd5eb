// SPDX-License-Identifier: Apache-2.0
package io.e2relay.backing;

import io.e2relay.protocol.config.Postgres;
import io.e2relay.protocol.config.Redis;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives tests real servers: `Postgres` is a fresh, empty database for each test class, `Redis` is empty when the class
/// begins, both in servers that all classes of the JVM share; `BackingProcesses` is a pair of servers of its own.
public final class BackingExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace OURS = ExtensionContext.Namespace.create(BackingExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Postgres.class || type == Redis.class || type == BackingProcesses.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    ExtensionContext.Store store = outermostClass(context).getStore(OURS);
    Class<?> type = parameter.getParameter().getType();
    if (type == BackingProcesses.class) {
      return store.computeIfAbsent(BackingProcesses.class, _ -> BackingProcesses.start(), BackingProcesses.class);
    }
    SharedServers servers = context.getRoot().getStore(OURS).computeIfAbsent(SharedServers.class,
        _ -> new SharedServers(), SharedServers.class);
    if (type == Redis.class) {
      return store.computeIfAbsent(Redis.class, _ -> servers.emptyRedis(), Redis.class);
    }
    return store.computeIfAbsent(PostgresTestDatabase.class, _ -> servers.freshDatabase(), PostgresTestDatabase.class)
        .address();
  }

  /// Nested classes share what their outermost class has.
  private static ExtensionContext outermostClass(ExtensionContext context) {
    ExtensionContext outermost = context;
    for (ExtensionContext at = context; at.getTestClass().isPresent(); at = at.getParent().orElseThrow()) {
      outermost = at;
    }
    return outermost;
  }
}
