// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.Set;

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

  /// The user's devices are these now: true when the client proved to be another one, and is gone.
  boolean devices(Set<ByteString> devices);

  /// Where the user stands, for news may have been lost.
  void stands(UserState state);

  /// The account of somebody this user has to do with has a newer record.
  void accountChanged(ByteString uid, long seq);

  /// The user has a key of the conversation since this epoch.
  void memberReady(ByteString conversation, long epoch);

  /// There is work for those who hold the conversation's key.
  void jobsWaiting(ByteString conversation);
}
