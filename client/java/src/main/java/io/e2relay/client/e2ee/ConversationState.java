// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

/// What can be done in a conversation now, and why not more.
public sealed interface ConversationState {
  /// It can be read and written.
  record Ready() implements ConversationState {
  }

  /// This user is a member and waits for a key, which some member's device gives by itself.
  record Pending() implements ConversationState {
  }

  /// The next message, or some member's device before it, opens the next epoch.
  record Closed() implements ConversationState {
  }

  /// Nothing is sent before somebody has looked at the alarm.
  record Blocked(Alarm alarm) implements ConversationState {
  }

  /// This user is no member any more.
  record Gone() implements ConversationState {
  }

  ConversationState READY = new Ready();
  ConversationState PENDING = new Pending();
  ConversationState CLOSED = new Closed();
  ConversationState GONE = new Gone();
}
