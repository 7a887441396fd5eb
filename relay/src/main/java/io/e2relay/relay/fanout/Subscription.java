// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.CaughtUp;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.ServerFrame;
import org.jspecify.annotations.Nullable;

/// One user's place in one conversation: what comes next in order is pushed, everything else is read from the log.
///
/// Joining, a lost hint and a client that did not read for a while are the same case: the head is ahead of the cursor.
final class Subscription {
  final Subscriber subscriber;
  final Room room;
  // Where the room keeps it.
  int place;
  private long cursor;
  // The newest seq that is known to exist; only a mark, what lies between comes from the log.
  private long head;
  private boolean begun;
  private boolean caughtUp;
  private boolean reading;
  private boolean closed;
  private boolean queued;
  private @Nullable RosterView rosterSeen;
  private boolean inRosterSeen;

  Subscription(Subscriber subscriber, Room room, long cursor) {
    this.subscriber = subscriber;
    this.room = room;
    this.cursor = cursor;
    this.head = cursor;
  }

  Subprotocol subprotocol() {
    return subscriber.outlet.subprotocol();
  }

  long cursor() {
    return cursor;
  }

  boolean isClosed() {
    return closed;
  }

  boolean isCaughtUp() {
    return caughtUp;
  }

  void close() {
    closed = true;
  }

  void begin() {
    begun = true;
  }

  void seen(long seq) {
    head = Math.max(head, seq);
  }

  /// True when it was pushed; else the log must be read if this subscription is behind.
  boolean live(LiveEntry entry) {
    seen(entry.seq);
    if (entry.seq != cursor + 1 || !caughtUp || reading || closed) {
      return false;
    }
    Outlet outlet = subscriber.outlet;
    if (!outlet.writable() || !entry.isEncoded(outlet.subprotocol()) || !allowed(entry.roster)) {
      return false;
    }
    cursor = entry.seq;
    outlet.push(entry);
    return true;
  }

  /// Whether the log must be read now. While the client does not read, only the cursor is kept.
  boolean wantsRead() {
    return begun && !closed && !reading && (head > cursor || !caughtUp) && subscriber.outlet.writable();
  }

  /// Whether it was put in line; it stands there at most once.
  boolean queue() {
    boolean added = !queued;
    queued = true;
    return added;
  }

  void unqueue() {
    queued = false;
  }

  long startReading() {
    reading = true;
    return cursor;
  }

  void stopReading() {
    reading = false;
  }

  /// Pushes what the client can take of the page; false when the log shows less than was promised.
  boolean read(Page page) {
    long before = cursor;
    if (!caughtUp && cursor > page.getLastSeq()) {
      // A client that knows more than the log: it gets what comes from here on.
      cursor = page.getLastSeq();
      head = cursor;
    }
    boolean whole = push(page);
    seen(page.getLastSeq());
    if (whole && !caughtUp && cursor >= page.getLastSeq()) {
      caughtUp = true;
      subscriber.outlet.push(ServerFrame.newBuilder()
          .setCaughtUp(CaughtUp.newBuilder().setConversationId(room.conversation).setLastSeq(page.getLastSeq()))
          .build());
    }
    return !whole || cursor != before || head <= cursor;
  }

  private boolean push(Page page) {
    for (Entry entry : page.getEntriesList()) {
      if (!subscriber.outlet.writable()) {
        return false;
      }
      if (EntryFrames.lastSeq(entry) > cursor) {
        cursor = EntryFrames.lastSeq(entry);
        subscriber.outlet.push(EntryFrames.event(entry).build());
      }
    }
    cursor = Math.max(cursor, Math.min(page.getThroughSeq(), page.getLastSeq()));
    return true;
  }

  // A roster never changes, so the same object gives the same answer, without a look-up for each delivery.
  @SuppressWarnings("ReferenceEquality")
  private boolean allowed(RosterView roster) {
    if (roster != rosterSeen) {
      ByteString uid = subscriber.uid;
      rosterSeen = roster;
      inRosterSeen = roster.has(uid);
    }
    return inRosterSeen;
  }
}
