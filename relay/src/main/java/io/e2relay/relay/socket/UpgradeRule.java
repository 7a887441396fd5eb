// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.socket;

import io.e2relay.protocol.frame.Subprotocol;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether an upgrade is let in.
final class UpgradeRule {
  static final String PATH = "/v1/connect";
  static final String VERSION = "13";
  static final int RETRY_AFTER_SECONDS = 5;

  /// What the request says, and how full the node is.
  record Asked(@Nullable String path, @Nullable String version, @Nullable String origin, @Nullable String host,
      List<String> subprotocols, boolean full) {
  }

  sealed interface Verdict {
    record Accepted(Subprotocol subprotocol) implements Verdict {
    }

    record Refused(int status, String text) implements Verdict {
    }
  }

  private final List<String> origins;

  UpgradeRule(List<String> origins) {
    this.origins = origins;
  }

  Verdict decide(Asked asked) {
    if (!PATH.equals(asked.path())) {
      return new Verdict.Refused(404, "The WebSocket is at " + PATH + ".");
    }
    if (!VERSION.equals(asked.version())) {
      return new Verdict.Refused(426, "Only version " + VERSION + " of the WebSocket protocol is spoken here.");
    }
    if (!allowed(asked.origin(), asked.host())) {
      return new Verdict.Refused(403, "Pages of this origin may not connect.");
    }
    // The client's order counts.
    for (String offered : asked.subprotocols()) {
      for (Subprotocol subprotocol : Subprotocol.values()) {
        if (subprotocol.token().equals(offered)) {
          return asked.full()
              ? new Verdict.Refused(503, "This node is full or about to stop.")
              : new Verdict.Accepted(subprotocol);
        }
      }
    }
    return new Verdict.Refused(400, "Offer one of these as Sec-WebSocket-Protocol: "
        + Arrays.stream(Subprotocol.values()).map(Subprotocol::token).collect(Collectors.joining(", ")) + ".");
  }

  /// Only browsers send an origin, and they cannot be made to lie about it.
  private boolean allowed(@Nullable String origin, @Nullable String host) {
    if (origin == null || origin.isEmpty() || origins.contains(origin)) {
      return true;
    }
    try {
      String authority = new URI(origin).getAuthority();
      return authority != null && authority.equalsIgnoreCase(host);
    } catch (URISyntaxException _) {
      return false;
    }
  }
}
