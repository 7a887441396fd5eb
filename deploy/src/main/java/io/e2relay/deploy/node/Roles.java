// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.node;

import io.e2relay.deploy.settings.ServerConfig;

/// The roles in the order in which they start: what is asked before who asks.
final class Roles {
  private Roles() {
  }

  /// Starts them all, and tells the public port.
  static int start(Node node, ServerConfig.Services services, PublicRoutes routes) throws Exception {
    return 0;
  }
}
