// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Whether the ids in a question can be ids.
final class Ask {
  private Ask() {
  }

  static boolean ids(int length, ByteString bytes) {
    return bytes.size() == length;
  }

  static boolean ids(int length, List<ByteString> all) {
    return all.stream().allMatch(bytes -> ids(length, bytes));
  }

  static boolean about(ByteString conversation, ByteString caller) {
    return ids(ConversationId.BYTES, conversation) && ids(Uid.BYTES, caller);
  }

  static Set<Uid> uids(List<ByteString> all) {
    Set<Uid> uids = new LinkedHashSet<>();
    all.forEach(bytes -> uids.add(new Uid(bytes)));
    return uids;
  }
}
