// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import java.util.Base64;

/// What somebody needs to join a conversation by themselves; prints as it travels in a page's fragment.
public record ConversationLink(ConversationId conversation, ByteString secret) {

  public static ConversationLink parse(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 2) {
      throw new IllegalArgumentException("a link has two parts joined by a dot");
    }
    Base64.Decoder decoder = Base64.getUrlDecoder();
    return new ConversationLink(new ConversationId(ByteString.copyFrom(decoder.decode(parts[0]))),
        ByteString.copyFrom(decoder.decode(parts[1])));
  }

  @Override
  public String toString() {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString(conversation.bytes().toByteArray()) + "."
        + encoder.encodeToString(secret.toByteArray());
  }
}
