// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.bus;

import io.e2relay.protocol.bus.wire.News;
import io.e2relay.protocol.bus.wire.NewsBatch;
import io.vertx.core.Future;
import java.util.function.Function;

/// The news to one other node: gathered while others are on their way, numbered, and bounded.
///
/// Whatever is left out is owned up to: the next batch or heartbeat says that something is missing. A node that does
/// not answer gets heartbeats only, so that what piles up for it anywhere is bounded too.
final class LinkOut {
  static final int BATCH_BYTES = 64 * 1024;
  static final long OUTSTANDING_BYTES_MAX = 8L * 1024 * 1024;

  private final NewsBatch sender;
  private final Function<NewsBatch, Future<?>> post;
  private final LinkEvents events;
  private NewsBatch.Builder gathered;
  private long gatheredBytes;
  private long outstandingBytes;
  private long number;
  private boolean dirty;
  private boolean deaf;
  private boolean closed;

  /// @param post fails unless the other node says that it has the batch
  LinkOut(Peer self, Function<NewsBatch, Future<?>> post, LinkEvents events) {
    this.sender = NewsBatch.newBuilder().setNode(self.node()).setIncarnation(self.incarnation()).build();
    this.post = post;
    this.events = events;
    this.gathered = sender.toBuilder();
  }

  /// True when it waits for company, and [#flush] has to be called in a while.
  boolean add(News news) {
    long bytes = news.getSerializedSize();
    if (deaf || outstandingBytes + gatheredBytes + bytes > OUTSTANDING_BYTES_MAX) {
      dirty = true;
      events.dirty();
      return false;
    }
    gathered.addNews(news);
    gatheredBytes += bytes;
    // With nothing on its way there is nothing to wait for.
    if (outstandingBytes == 0 || gatheredBytes >= BATCH_BYTES) {
      flush();
      return false;
    }
    return true;
  }

  void flush() {
    if (gathered.getNewsCount() > 0) {
      number++;
      events.batch(gathered.getNewsCount());
      send(gathered, gatheredBytes);
      gathered = sender.toBuilder();
      gatheredBytes = 0;
    }
  }

  void beat() {
    flush();
    send(sender.toBuilder(), 0);
  }

  /// Nothing more is sent; what is on its way is counted until its fate is known.
  void close() {
    closed = true;
    gathered = sender.toBuilder();
    gatheredBytes = 0;
  }

  private void send(NewsBatch.Builder batch, long bytes) {
    if (closed) {
      return;
    }
    outstandingBytes += bytes;
    events.outstanding(bytes);
    NewsBatch sent = batch.setNumber(number).setDirty(dirty).build();
    dirty = false;
    post.apply(sent).onComplete(_ -> {
      settled(bytes);
      deaf = false;
    }, _ -> {
      settled(bytes);
      events.unanswered();
      deaf = true;
      dirty = true;
    });
  }

  private void settled(long bytes) {
    outstandingBytes -= bytes;
    events.outstanding(-bytes);
  }
}
