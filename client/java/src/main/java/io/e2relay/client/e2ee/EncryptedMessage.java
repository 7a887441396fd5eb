// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Hash;
import java.time.Instant;

/// A message that was verified and opened: once, and in its place. The hash names it where others refer to it.
public record EncryptedMessage(ConversationId conversation, long seq, Epoch epoch, Uid sender, DeviceId device,
    MsgId msgId, Hash hash, Instant received, ByteString content) {

  /// The text of a text message; empty for every other kind of content.
  public String text() {
    return Content.textOf(content);
  }

  @Override
  public String toString() {
    return "EncryptedMessage[" + conversation + " seq " + seq + ", " + content.size() + " bytes]";
  }
}
