// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.record;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import java.util.function.Supplier;

/// How far a conversation has come, as a device of the user's verified it: nothing older, nor anything else in its
/// place, is believed by the others.
public record Head(ConversationId conversation, Epoch epoch, Hash hash) {
  static final Ascent<Head> BY_CONVERSATION = new Ascent<>(head -> head.conversation().bytes());
  static final int BYTES = ConversationId.BYTES + Integer.BYTES + Hash.BYTES;

  public Head {
    RecordWriter.requireU32(epoch.value(), 1);
  }

  static Supplier<Head> read(RecordReader in) {
    var conversation = in.fixed(ConversationId.BYTES);
    long epoch = in.u32(1);
    Hash hash = in.hash();
    return () -> new Head(new ConversationId(conversation), new Epoch(epoch), hash);
  }

  void write(RecordWriter out) {
    out.bytes(conversation.bytes()).u32(epoch.value()).bytes(hash.bytes());
  }
}
