// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.ServerFrame;
import io.netty.buffer.ByteBuf;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/// An entry that was just committed, with who may have it, encoded once for each subprotocol that somebody here uses.
/// Counted references: each event loop that gets it releases it.
public final class LiveEntry {
  final ByteString conversation;
  final long seq;
  final long epoch;
  final boolean control;
  final long receivedMs;
  final RosterView roster;
  private final ServerFrame frame;
  private final Map<Subprotocol, ByteBuf> bytes = new EnumMap<>(Subprotocol.class);

  LiveEntry(Entry entry, RosterView roster, long nowMs) {
    this.conversation = EntryFrames.conversation(entry);
    this.seq = EntryFrames.lastSeq(entry);
    this.epoch = EntryFrames.epoch(entry);
    this.control = entry.hasControl();
    this.receivedMs = EntryFrames.receivedMs(entry);
    this.roster = roster;
    this.frame = EntryFrames.event(entry).setServerMs(nowMs).build();
  }

  void encode(Set<Subprotocol> subprotocols) {
    subprotocols.forEach(subprotocol -> bytes.computeIfAbsent(subprotocol, wanted -> WireBytes.of(wanted, frame)));
  }

  /// Somebody may have come whose subprotocol nobody used when it was encoded.
  boolean isEncoded(Subprotocol subprotocol) {
    return bytes.containsKey(subprotocol);
  }

  public ServerFrame frame() {
    return frame;
  }

  /// A view with its own reference; whoever writes it releases it.
  public ByteBuf bytes(Subprotocol subprotocol) {
    ByteBuf shared = bytes.get(subprotocol);
    if (shared == null) {
      throw new IllegalStateException("not encoded as " + subprotocol);
    }
    return shared.retainedDuplicate();
  }

  void retain() {
    bytes.values().forEach(ByteBuf::retain);
  }

  void release() {
    bytes.values().forEach(ByteBuf::release);
  }
}
