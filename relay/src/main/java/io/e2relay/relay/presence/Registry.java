// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import io.e2relay.protocol.id.Uid;

/// Who is connected to this node. Both calls return at once on any thread and never throw: what is told here routes and
/// shows presence, and no message depends on it.
public interface Registry {
  void connected(Uid uid, long connection);

  void disconnected(Uid uid, long connection);
}
