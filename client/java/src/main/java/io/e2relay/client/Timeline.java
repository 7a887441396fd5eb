// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client;

import io.e2relay.protocol.id.ConversationId;

/// How far one conversation has been received: lets every entry through once and in order.
final class Timeline {
  enum Verdict {
    NEXT, KNOWN, HOLE
  }

  private final ConversationId conversation;
  private final boolean encrypted;
  private long cursor;
  // Asked for, and not refused or ended since.
  private boolean following;
  // A subscription from the cursor is asked for; until it answers, holes are expected.
  private boolean catchingUp;

  Timeline(ConversationId conversation, boolean encrypted, long from) {
    this.conversation = conversation;
    this.encrypted = encrypted;
    this.cursor = from;
  }

  ConversationId conversation() {
    return conversation;
  }

  boolean encrypted() {
    return encrypted;
  }

  boolean following() {
    return following;
  }

  void following(boolean now) {
    following = now;
  }

  long cursor() {
    return cursor;
  }

  /// Judges an entry that covers the places from..to; the next one moves the cursor behind itself.
  Verdict judge(long from, long to) {
    if (to <= cursor) {
      return Verdict.KNOWN;
    }
    if (from > cursor + 1) {
      return Verdict.HOLE;
    }
    return Verdict.NEXT;
  }

  void advance(long to) {
    cursor = to;
  }

  /// The log ends there: what was behind is no more, and what comes in those places is new.
  void endsAt(long last) {
    cursor = Math.min(cursor, last);
  }

  boolean catchingUp() {
    return catchingUp;
  }

  void catchingUp(boolean now) {
    catchingUp = now;
  }
}
