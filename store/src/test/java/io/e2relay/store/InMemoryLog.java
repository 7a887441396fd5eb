// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// A log that is gone with the process, and its door.
final class InMemoryLog implements Log, Door {
  private static final class Conversation {
    private long epoch = 1;
    private boolean open;
    private final List<LogEntry> entries = new ArrayList<>();
    private final Map<MessageKey, Kept> kept = new HashMap<>();
  }

  private record Kept(Append append, Place place) {
  }

  private final Map<ConversationId, Conversation> conversations = new HashMap<>();
  private long now = 1_000;

  @Override
  public Future<List<Outcome>> append(Batch batch) {
    return Future.succeededFuture(batch.items().stream().map(this::append).toList());
  }

  private Outcome append(Append append) {
    Conversation conversation = conversations.get(append.conversation());
    if (conversation == null) {
      return new Outcome.Unknown();
    }
    Kept earlier = conversation.kept.get(append.key());
    if (earlier != null) {
      boolean same = earlier.append().uid().equals(append.uid())
          && earlier.append().body().hash().equals(append.body().hash());
      return same ? new Outcome.Duplicate(earlier.place()) : new Outcome.Differs();
    }
    if (conversation.epoch != append.epoch().value()) {
      return new Outcome.Stale(new Epoch(conversation.epoch));
    }
    if (!conversation.open) {
      return new Outcome.Closed(new Epoch(conversation.epoch));
    }
    Place place = add(conversation,
        new LogEntry.Said(append.uid(), append.key().device(), append.key().message(), append.body().bytes()));
    conversation.kept.put(append.key(), new Kept(append, place));
    return new Outcome.Stored(place);
  }

  private Place add(Conversation conversation, LogEntry.Content content) {
    Place place = new Place(conversation.entries.size() + 1L, new Epoch(conversation.epoch), now++);
    conversation.entries.add(new LogEntry(place, content));
    return place;
  }

  @Override
  public Future<ReadOutcome> read(Window window) {
    Conversation conversation = conversations.get(window.conversation());
    if (conversation == null) {
      return Future.succeededFuture(new NoLog());
    }
    List<LogEntry> readable = conversation.entries.stream().filter(entry -> inWindow(window, entry)).toList();
    List<LogEntry> page = new ArrayList<>();
    long bytes = 0;
    for (LogEntry entry : readable) {
      int size = size(entry);
      boolean fits = bytes + size <= window.bound().bodyBytes() || bytes == 0;
      if (page.size() == window.bound().entries() || !fits) {
        break;
      }
      bytes += size;
      page.add(entry);
    }
    return Future.succeededFuture(new Run(page, page.size() < readable.size(), conversation.entries.size()));
  }

  private static boolean inWindow(Window window, LogEntry entry) {
    Place place = entry.place();
    return place.seq() > window.afterSeq() && place.seq() <= window.uptoSeq()
        && window.readable().stream().anyMatch(span -> span.contains(place.epoch().value()));
  }

  private static int size(LogEntry entry) {
    return switch (entry.content()) {
      case LogEntry.Said said -> said.body().size();
      case LogEntry.Changed changed -> changed.control().size();
      case LogEntry.Removed _ -> 0;
    };
  }

  @Override
  public Future<List<HeadState>> heads(List<ConversationId> asked) {
    List<HeadState> heads = new ArrayList<>();
    for (ConversationId id : asked) {
      Conversation conversation = conversations.get(id);
      if (conversation != null) {
        heads.add(new HeadState(id, new Epoch(conversation.epoch), conversation.open, conversation.entries.size()));
      }
    }
    return Future.succeededFuture(heads);
  }

  @Override
  public Future<Boolean> durable() {
    return Future.succeededFuture(false);
  }

  @Override
  public Future<OptionalLong> fence(ConversationId id, long epoch, boolean open, ByteString control) {
    Conversation conversation = conversations.get(id);
    boolean creates = conversation == null && epoch == 1;
    boolean moves = conversation != null
        && (epoch == conversation.epoch + 1 || (epoch == conversation.epoch && open != conversation.open));
    if (!creates && !moves) {
      return Future.succeededFuture(OptionalLong.empty());
    }
    Conversation moved = conversations.computeIfAbsent(id, _ -> new Conversation());
    moved.epoch = epoch;
    moved.open = open;
    return Future.succeededFuture(OptionalLong.of(add(moved, new LogEntry.Changed(control)).seq()));
  }

  @Override
  public Future<OptionalLong> note(ConversationId id, ByteString control) {
    Conversation conversation = conversations.get(id);
    return Future.succeededFuture(conversation == null
        ? OptionalLong.empty()
        : OptionalLong.of(add(conversation, new LogEntry.Changed(control)).seq()));
  }

  @Override
  public Future<Void> erase(ConversationId id, long seq) {
    Conversation conversation = conversations.get(id);
    if (conversation != null) {
      int index = Math.toIntExact(seq - 1);
      conversation.entries.set(index, new LogEntry(conversation.entries.get(index).place(), new LogEntry.Removed()));
    }
    return Future.succeededFuture();
  }
}
