// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.Page;
import java.util.ArrayList;
import java.util.List;

/// Reads a conversation's log on demand, as the service has it, beside whoever follows it.
record History(Station station, ConversationId id, EpochBook book, Keyring keyring) {
  /// The messages after this place up to that one, itself included.
  List<EncryptedMessage> between(long afterSeq, long uptoSeq) {
    Reader reader = new Reader(station, id, book, keyring, _ -> {
    });
    if (afterSeq > 0) {
      reader.gap(afterSeq);
    }
    List<EncryptedMessage> messages = new ArrayList<>();
    long after = afterSeq;
    long end;
    do {
      Page page = page(after, uptoSeq);
      for (Entry entry : page.getEntriesList()) {
        if (entry.hasMessage()) {
          reader.read(entry.getMessage()).message().ifPresent(messages::add);
        } else if (entry.hasGap()) {
          reader.gap(entry.getGap().getToSeq());
        } else if (!entry.getControl().getEpochHash().isEmpty() && entry.getControl().getEpoch() >= 1) {
          reader.epoch(new Epoch(entry.getControl().getEpoch()));
        }
      }
      end = Math.min(page.getLastSeq(), uptoSeq);
      after = page.getThroughSeq();
    } while (after < end);
    return messages;
  }

  private Page page(long after, long upto) {
    Fetch.Builder fetch = Fetch.newBuilder().setConversationId(id.bytes()).setAfterSeq(after);
    return station.ask(ClientFrame.newBuilder().setFetch(upto == Long.MAX_VALUE ? fetch : fetch.setUptoSeq(upto)))
        .getPage();
  }
}
