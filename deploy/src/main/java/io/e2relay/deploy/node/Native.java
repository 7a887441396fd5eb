// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.node;

import io.vertx.core.transport.Transport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The transport of the operating system where it loads, else the JDK's.
final class Native {
  private static final Logger LOG = LoggerFactory.getLogger(Native.class);

  private Native() {
  }

  static Transport transport() {
    Transport best = Transport.nativeTransport();
    if (best != null && best.available()) {
      LOG.debug("transport {}", best.name());
      return best;
    }
    LOG.info("no native transport loads here: using the JDK's");
    return Transport.NIO;
  }
}
