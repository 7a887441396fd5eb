// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Message;
import java.time.Instant;

/// A message of a conversation, once and in its place.
public record IncomingMessage(ConversationId conversation, long seq, Uid sender, DeviceId device, MsgId msgId,
    Instant received, ByteString body) {

  static IncomingMessage of(Message message) {
    return new IncomingMessage(new ConversationId(message.getConversationId()), message.getSeq(),
        new Uid(message.getUid()), new DeviceId(message.getDeviceId()), new MsgId(message.getMsgId()),
        Instant.ofEpochMilli(message.getReceivedMs()), message.getBody());
  }

  /// The text of a text message; empty for every other kind of content.
  public String text() {
    return TextContent.textOf(body);
  }

  @Override
  public String toString() {
    return "IncomingMessage[" + conversation + " seq " + seq + ", " + body.size() + " bytes]";
  }
}
