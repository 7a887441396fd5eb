// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.membership;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import java.util.Set;

/// What somebody wants changed about the members of a conversation.
public sealed interface Request {
  Uid by();

  /// Make them members; who is one already stays as they are.
  record Add(Uid by, Set<Uid> uids, Proof proof) implements Request {
  }

  /// Make them members no longer; who is none is ignored.
  ///
  /// @param newSecret the link's secret from then on, so that the removed cannot come back by the old one
  record Remove(Uid by, Set<Uid> uids, ByteString newSecret, Proof proof) implements Request {
    @Override
    public String toString() {
      return "Remove[" + by + ", " + uids + "]";
    }
  }

  record Leave(Uid by, Proof proof) implements Request {
  }

  /// Become a member by the link.
  record Join(Uid by, TenantId tenant, ByteString linkSecret) implements Request {
    @Override
    public String toString() {
      return "Join[" + by + "]";
    }
  }
}
