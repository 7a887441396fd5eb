// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.conversation;

import io.e2relay.keyservice.membership.Membership;

final class InMemoryConversationsTest implements ConversationsContract {
  private final Conversations conversations = new InMemoryConversations(new Membership(MEMBERS_MAX), LIST_MEMBERS_MAX);

  @Override
  public Conversations conversations() {
    return conversations;
  }
}
