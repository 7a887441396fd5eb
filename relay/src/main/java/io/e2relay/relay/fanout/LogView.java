// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.relay.session.PageOutcome;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/// The log as a user may see it. A failed future means that nothing is known.
public interface LogView {
  /// From the entry after this one, to `uptoSeq` (0: the newest), so many entries at most.
  record Range(ByteString conversation, long afterSeq, long uptoSeq, int limit) {
  }

  /// Asked of the key service now, never of a cache.
  Future<Standing> standing(ByteString uid, ByteString conversation);

  /// A page that fits one frame of this subprotocol.
  Future<PageOutcome> page(ByteString uid, Range range, Subprotocol subprotocol);

  /// The newest seq of those conversations that exist.
  Future<Map<ByteString, Long>> heads(List<ByteString> conversations);

  /// Where those users stand whom the key service knows.
  Future<Map<ByteString, UserState>> states(List<ByteString> uids);
}
