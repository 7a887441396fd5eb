// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.Head;
import io.e2relay.protocol.wire.Entry;
import java.util.ArrayList;
import java.util.List;

/// News cut to what travels between nodes: of a long entry only where it stands, and not too much in one piece.
final class Parcel {
  static final int ENTRY_BYTES_MAX = 16 * 1024;

  private Parcel() {
  }

  static List<Message> of(Message news) {
    return news instanceof CommittedHint hint ? committed(hint) : List.of(news);
  }

  private static List<Message> committed(CommittedHint hint) {
    List<Message> parts = new ArrayList<>();
    CommittedHint.Builder part = CommittedHint.newBuilder().addAllHeads(hint.getHeadsList());
    int bytes = 0;
    for (Entry entry : hint.getEntriesList()) {
      int size = entry.getSerializedSize();
      if (size > ENTRY_BYTES_MAX) {
        part.addHeads(head(entry));
        continue;
      }
      if (bytes > 0 && bytes + size > LinkOut.BATCH_BYTES) {
        parts.add(part.build());
        part = CommittedHint.newBuilder();
        bytes = 0;
      }
      part.addEntries(entry);
      bytes += size;
    }
    parts.add(part.build());
    return parts;
  }

  /// Where an entry stands.
  static Head head(Entry entry) {
    return switch (entry.getBodyCase()) {
      case MESSAGE -> head(entry.getMessage().getConversationId(), entry.getMessage().getSeq());
      case CONTROL -> head(entry.getControl().getConversationId(), entry.getControl().getSeq());
      case GAP -> head(entry.getGap().getConversationId(), entry.getGap().getToSeq());
      case BODY_NOT_SET -> Head.getDefaultInstance();
    };
  }

  private static Head head(ByteString conversation, long seq) {
    return Head.newBuilder().setConversationId(conversation).setLastSeq(seq).build();
  }
}
