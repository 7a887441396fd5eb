// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.ByteString;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A directory of which nodes have somebody who listens to a conversation. Messages do not depend on it: whoever is not
/// told finds out by comparing with the log, only later.
public interface Targets {
  /// How old an answer may be that is still used.
  Duration KNOWN = Duration.ofSeconds(1);

  /// The ids of those nodes that have to be told, for each conversation. A node of which it is not certain what it
  /// listens to is among them. Fails where nothing is known now.
  Future<Map<ByteString, Set<String>>> listeners(List<Peer> nodes, Set<ByteString> conversations);
}
