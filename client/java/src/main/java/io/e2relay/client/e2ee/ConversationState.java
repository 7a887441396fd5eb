// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

/// What can be done in a conversation now, and why not more.
public sealed interface ConversationState {
  /// It can be read and written.
  record Ready() implements ConversationState {
  }

  /// This user is a member and waits for a key, which some member's device gives by itself; after a reset perhaps only
  /// when its user has confirmed it.
  record Pending() implements ConversationState {
  }

  /// The next message, or some member's device before it, opens the next epoch.
  record Closed() implements ConversationState {
  }

  /// Nothing is sent before somebody has looked at the alarm, or the service shows again what can be believed.
  record Blocked(Alarm alarm) implements ConversationState {
  }

  /// Two signed records of one epoch were shown, which are kept as the proof: nothing is ever sent here again.
  record Ended(Alarm.Forked proof) implements ConversationState {
  }

  /// This user is no member any more.
  record Gone() implements ConversationState {
  }

  static ConversationState by(Alarm alarm) {
    return alarm instanceof Alarm.Forked proof ? new Ended(proof) : new Blocked(alarm);
  }

  ConversationState READY = new Ready();
  ConversationState PENDING = new Pending();
  ConversationState CLOSED = new Closed();
  ConversationState GONE = new Gone();
}
