// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import io.e2relay.protocol.id.Uid;

/// Is told which connections a user has on this node; fire and forget.
public interface Registry {
  void connected(Uid uid, long connection);

  void disconnected(Uid uid, long connection);
}
