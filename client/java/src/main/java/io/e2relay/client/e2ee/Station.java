// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.ConversationMaker;
import io.e2relay.client.crypto.EpochOpening;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.GetConversation;
import io.e2relay.protocol.wire.ServerFrame;
import java.time.InstantSource;

/// What all conversations of a device have in common.
record Station(Own own, Vault vault, Contacts contacts, AlarmBell alarms, Timing timing, InstantSource clock,
    Bookmarks bookmarks) {
  ServerFrame ask(ClientFrame.Builder request) {
    return own.ask(request);
  }

  /// What the service says a conversation is now.
  Conversation shown(ConversationId id) {
    return ids().withMembers(
        ask(ClientFrame.newBuilder().setGetConversation(GetConversation.newBuilder().setConversationId(id.bytes())))
            .getConversation());
  }

  ShownIds ids() {
    return new ShownIds(alarms);
  }

  ConversationMaker maker() {
    return new ConversationMaker(own.keys(), own.newest(), contacts);
  }

  EpochOpening opening() {
    return new EpochOpening(own.uid(), own.hashes(), own.keys().generations());
  }

  /// Takes what the service refuses as its answer: somebody else will do it, or it is not to be done any more.
  void tell(ClientFrame.Builder request) {
    try {
      ask(request);
    } catch (RefusedException _) {
      // Nothing depends on it.
    }
  }
}
