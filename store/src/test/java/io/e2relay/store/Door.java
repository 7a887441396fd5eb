// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Future;
import java.util.OptionalLong;

/// What others do to the log: the key service moves the fence, retention removes bodies.
interface Door {

  /// The seq of the control entry, or nothing, which means refused.
  Future<OptionalLong> fence(ConversationId conversation, long epoch, boolean open, ByteString control);

  /// The seq of a control entry that leaves the fence where it is, or nothing, which means that there is none.
  Future<OptionalLong> note(ConversationId conversation, ByteString control);

  Future<Void> erase(ConversationId conversation, long seq);
}
