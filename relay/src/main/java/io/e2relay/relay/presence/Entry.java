// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import io.e2relay.protocol.id.Uid;
import java.util.Base64;

/// One connection of a user to this node.
record Entry(Uid uid, long connection) {

  /// The sorted set of the user's connections on all nodes.
  String key() {
    return "e2r:conn:" + Base64.getUrlEncoder().withoutPadding().encodeToString(uid.bytes().toByteArray());
  }

  String member(String nodeId) {
    return nodeId + ":" + connection;
  }
}
