// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import com.google.protobuf.ByteString;
import java.util.Base64;

/// What the directory of listeners is called in Redis.
final class Heard {
  private Heard() {
  }

  /// The sorted set of the nodes that listen to a conversation.
  static String key(ByteString conversation) {
    return "e2r:heard:" + Base64.getUrlEncoder().withoutPadding().encodeToString(conversation.toByteArray());
  }

  /// There while all that a node listens to is in those sets. Whoever deletes all of Redis deletes it too.
  static String mark(String nodeId) {
    return "e2r:listens:" + nodeId;
  }
}
