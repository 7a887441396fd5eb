// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Page;

/// Cuts pages: to what fits a frame, and to what the reader was shown to be allowed to see.
final class PageFit {
  // Conversation id, places and the frame around the page, in either subprotocol.
  private static final int PAGE_BYTES = 512;
  // Names and numbers of an entry's fields in JSON, beyond its own bytes.
  private static final int JSON_ENTRY_BYTES = 400;

  private PageFit() {
  }

  /// At least one entry stays: one entry always fits.
  static Page toFrame(Page page, Subprotocol subprotocol, int frameBytes) {
    long size = PAGE_BYTES;
    for (int i = 0; i < page.getEntriesCount(); i++) {
      size += sizeOf(page.getEntries(i), subprotocol);
      if (size > frameBytes && i > 0) {
        return cut(page, i);
      }
    }
    return page;
  }

  /// Stops before the first entry of a later epoch: whether the user may read that one was not asked.
  static Page toEpoch(Page page, long epoch) {
    for (int i = 0; i < page.getEntriesCount(); i++) {
      if (EntryFrames.epoch(page.getEntries(i)) > epoch) {
        return cut(page, i);
      }
    }
    return page;
  }

  private static Page cut(Page page, int entries) {
    Page.Builder shorter = page.toBuilder().clearEntries().addAllEntries(page.getEntriesList().subList(0, entries));
    // Contiguous by contract: all before the first entry that is left out has been covered.
    return shorter.setThroughSeq(EntryFrames.firstSeq(page.getEntries(entries)) - 1).build();
  }

  private static long sizeOf(Entry entry, Subprotocol subprotocol) {
    int bytes = entry.getSerializedSize();
    return switch (subprotocol) {
      case PROTOBUF -> bytes + 8L;
      case JSON -> bytes * 4L / 3 + JSON_ENTRY_BYTES;
    };
  }
}
