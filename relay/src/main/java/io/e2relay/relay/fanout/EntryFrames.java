// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.ServerFrame;

/// Entries of the log: where they lie, and the events that carry them.
final class EntryFrames {
  private EntryFrames() {
  }

  static ServerFrame.Builder event(Entry entry) {
    ServerFrame.Builder frame = ServerFrame.newBuilder();
    return switch (entry.getBodyCase()) {
      case MESSAGE -> frame.setMessage(entry.getMessage());
      case CONTROL -> frame.setControl(entry.getControl());
      case GAP -> frame.setGap(entry.getGap());
      case BODY_NOT_SET -> throw new IllegalArgumentException("an entry without a body");
    };
  }

  static ByteString conversation(Entry entry) {
    return switch (entry.getBodyCase()) {
      case MESSAGE -> entry.getMessage().getConversationId();
      case CONTROL -> entry.getControl().getConversationId();
      case GAP -> entry.getGap().getConversationId();
      case BODY_NOT_SET -> ByteString.EMPTY;
    };
  }

  static long firstSeq(Entry entry) {
    return entry.hasGap() ? entry.getGap().getFromSeq() : lastSeq(entry);
  }

  static long lastSeq(Entry entry) {
    return switch (entry.getBodyCase()) {
      case MESSAGE -> entry.getMessage().getSeq();
      case CONTROL -> entry.getControl().getSeq();
      case GAP -> entry.getGap().getToSeq();
      case BODY_NOT_SET -> 0;
    };
  }

  /// The epoch an entry belongs to; 0 for a gap, which belongs to none and shows nothing.
  static long epoch(Entry entry) {
    return switch (entry.getBodyCase()) {
      case MESSAGE -> entry.getMessage().getEpoch();
      case CONTROL -> entry.getControl().getEpoch();
      case GAP, BODY_NOT_SET -> 0;
    };
  }

  static long receivedMs(Entry entry) {
    return switch (entry.getBodyCase()) {
      case MESSAGE -> entry.getMessage().getReceivedMs();
      case CONTROL -> entry.getControl().getReceivedMs();
      case GAP, BODY_NOT_SET -> 0;
    };
  }
}
