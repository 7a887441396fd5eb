// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ServerFrame;

/// The way out to one client. Used on its own event loop only.
public interface Outlet {
  Subprotocol subprotocol();

  /// False while so much is queued that nothing may be added; `LoopFanout.drained` tells when that is over.
  boolean writable();

  /// Bytes that are shared with other clients.
  void push(LiveEntry entry);

  void push(ServerFrame frame);

  /// The user lost this conversation; its subscription is gone.
  void removed(ByteString conversation);

  /// The user's list of conversations changed.
  void changed(ByteString conversation, long userVersion);

  /// The account of somebody this user has to do with has a newer record.
  void accountChanged(ByteString uid, long seq);
}
