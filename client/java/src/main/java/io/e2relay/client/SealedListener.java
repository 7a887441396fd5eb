// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.wire.ServerFrame;

/// Who takes what comes in encrypted conversations, as it is on the wire, to open it for the application.
public interface SealedListener {
  /// Whether this device knows the conversation as encrypted: then the service cannot say otherwise any more.
  boolean remembers(ConversationId conversation);

  /// Up to which place this device has handled the conversation's log before it was switched on: it is followed from
  /// there.
  long from(ConversationId conversation);

  /// Something came about a conversation that was named by an id of another length than any has.
  void misnamed(ByteString id);

  /// The next entry of an encrypted conversation's log (Message, Control or Gap), once and in order, and CaughtUp. On a
  /// thread that may wait.
  void entry(ServerFrame entry);
}
