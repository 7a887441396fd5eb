// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.node;

import io.vertx.ext.web.Router;

/// What a command adds to the public port, like the development issuer.
public interface PublicRoutes {
  PublicRoutes NONE = router -> {
  };

  void mount(Router router);
}
