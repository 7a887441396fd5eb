// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Gap;
import io.e2relay.protocol.wire.GapReason;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.Page;

/// The rule that a page has no holes: what cannot be given is named as a gap.
final class Pages {
  private final ByteString conversation;
  private final Page.Builder page;
  private long nextSeq;
  private Gap.Builder gap = Gap.newBuilder();

  private Pages(Window window) {
    this.conversation = window.conversation().bytes();
    this.page = Page.newBuilder().setConversationId(conversation);
    this.nextSeq = window.afterSeq() + 1;
  }

  /// The run as a page: every seq from the one after the window's begin to through_seq is an entry or in a gap.
  static Page page(Window window, Log.Run run) {
    Pages pages = new Pages(window);
    for (LogEntry entry : run.entries()) {
      pages.add(entry);
    }
    long through = run.cut() ? pages.nextSeq - 1 : Math.min(window.uptoSeq(), run.lastSeq());
    pages.hole(through, GapReason.GAP_REASON_NOT_YOURS);
    pages.closeGap();
    // A reader that is ahead of the log gets an empty page and sees by last_seq that the log was set back.
    return pages.page.setThroughSeq(Math.max(through, window.afterSeq())).setLastSeq(run.lastSeq()).build();
  }

  /// A stored message as an entry.
  static Entry message(ByteString conversation, Place place, LogEntry.Said said) {
    return Entry.newBuilder()
        .setMessage(Message.newBuilder().setConversationId(conversation).setSeq(place.seq())
            .setEpoch(place.epoch().value()).setUid(said.uid().bytes()).setDeviceId(said.device().bytes())
            .setMsgId(said.message().bytes()).setReceivedMs(place.receivedMs()).setBody(said.body()))
        .build();
  }

  private void add(LogEntry entry) {
    long seq = entry.place().seq();
    // Rows are never deleted, so what was not read is what this reader may not read.
    hole(seq - 1, GapReason.GAP_REASON_NOT_YOURS);
    switch (entry.content()) {
      case LogEntry.Said said -> put(message(conversation, entry.place(), said));
      case LogEntry.Changed changed -> put(control(entry.place(), changed));
      case LogEntry.Removed _ -> hole(seq, GapReason.GAP_REASON_REMOVED);
    }
  }

  private void put(Entry entry) {
    closeGap();
    page.addEntries(entry);
    nextSeq++;
  }

  private Entry control(Place place, LogEntry.Changed changed) {
    try {
      return Entry.newBuilder()
          .setControl(Control.parseFrom(changed.control()).toBuilder().setConversationId(conversation)
              .setSeq(place.seq()).setEpoch(place.epoch().value()).setReceivedMs(place.receivedMs()))
          .build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("the log has a control entry that is not one", e);
    }
  }

  /// What is missing up to and including this seq; runs of one reason become one gap.
  private void hole(long toSeq, GapReason reason) {
    if (toSeq < nextSeq) {
      return;
    }
    if (gap.getReason() != reason) {
      closeGap();
      gap.setConversationId(conversation).setFromSeq(nextSeq).setReason(reason);
    }
    gap.setToSeq(toSeq);
    nextSeq = toSeq + 1;
  }

  private void closeGap() {
    if (gap.getToSeq() > 0) {
      page.addEntries(Entry.newBuilder().setGap(gap));
      gap = Gap.newBuilder();
    }
  }
}
