// SPDX-License-Identifier: Apache-2.0
package io.e2relay.store;

import io.e2relay.protocol.id.ConversationId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Gathers single appends into batches, so that many messages share one commit.
///
/// While nothing is being committed, a batch goes at the end of the loop's turn: to wait for company that may not
/// come would only cost time. Otherwise it goes when it is full, or when its oldest item has waited for the configured
/// delay, and a connection is free; so under load the batches fill while earlier ones are being committed. A
/// conversation is in one batch at a time, so its messages are stored in the order in which they came. What is held is
/// bounded, and every caller gets an answer by the deadline; an item whose caller gave up while its batch was on the
/// way may still be stored.
///
/// Belongs to one thread.
final class GroupCommit {
  /// A message and the place it has just got.
  record Committed(Append append, Place place) {
  }

  private static final long NEVER = Long.MAX_VALUE;

  private static final class Item {
    private final Append append;
    private final long arrived;
    private final Promise<Outcome> promise = Promise.promise();
    private boolean inFlight;

    private Item(Append append, long arrived) {
      this.append = append;
      this.arrived = arrived;
    }
  }

  /// The items of one conversation that are in no batch yet.
  private static final class Backlog {
    private final ConversationId conversation;
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private long bytes;
    private boolean inFlight;

    private Backlog(ConversationId conversation) {
      this.conversation = conversation;
    }

    private void add(Item item) {
      items.add(item);
      bytes += item.append.body().size();
    }

    private Item remove() {
      Item item = items.remove();
      bytes -= item.append.body().size();
      return item;
    }
  }

  /// Wakes this up at a time; a time that is set while an earlier one is awaited is looked at then.
  private final class Alarm {
    private long at = NEVER;

    private void set(long time, long now) {
      if (time < at) {
        at = time;
        ticks.after(Duration.ofNanos(Math.max(0, time - now)), () -> ring(time));
      }
    }

    private void ring(long time) {
      if (at == time) {
        at = NEVER;
      }
      pump();
    }
  }

  private final Log log;
  private final StoreConfig config;
  private final int inFlightMax;
  private final Ticks ticks;
  private final StoreMetrics metrics;
  private final Consumer<List<Committed>> committed;

  private final Map<ConversationId, Backlog> backlogs = new HashMap<>();
  /// Those that are not in flight and not empty: the next batch is taken from the first ones.
  private final LinkedHashSet<Backlog> ready = new LinkedHashSet<>();
  /// Items without an answer, oldest first.
  private final LinkedHashSet<Item> unanswered = new LinkedHashSet<>();
  private final Promise<Void> drained = Promise.promise();
  private final Alarm flush = new Alarm();
  private final Alarm expiry = new Alarm();
  private int readyItems;
  private long readyBytes;
  private int heldItems;
  private long heldBytes;
  private int inFlight;
  private long due = NEVER;
  private boolean draining;

  GroupCommit(Log log, StoreConfig config, Ticks ticks, StoreMetrics metrics, Consumer<List<Committed>> committed) {
    this.log = log;
    this.config = config;
    this.inFlightMax = config.connections().appends();
    this.ticks = ticks;
    this.metrics = metrics;
    this.committed = committed;
  }

  /// The outcome of the append, or a failure which says nothing about it, within the deadline.
  Future<Outcome> append(Append append) {
    if (draining) {
      return Future.failedFuture(new Unavailable("the store is stopping"));
    }
    StoreConfig.Queue bound = config.queue();
    if (heldItems >= bound.items() || heldBytes + append.body().size() > bound.bytes()) {
      return Future.failedFuture(new Unavailable("too much waits to be stored"));
    }
    Item item = new Item(append, ticks.nanos());
    hold(item, 1);
    unanswered.add(item);
    Backlog backlog = backlogs.computeIfAbsent(append.conversation(), Backlog::new);
    backlog.add(item);
    if (!backlog.inFlight) {
      ready.add(backlog);
      readyItems++;
      readyBytes += append.body().size();
      due = Math.min(due, inFlight == 0 ? item.arrived : item.arrived + config.batches().delay().toNanos());
    }
    if (full()) {
      pump();
    } else {
      sleep(item.arrived);
    }
    return item.promise.future();
  }

  /// Takes nothing new; complete when everything taken before has its answer and no batch is on the way.
  Future<Void> drain() {
    draining = true;
    pump();
    return drained.future();
  }

  private void pump() {
    long now = ticks.nanos();
    expire(now);
    while (inFlight < inFlightMax && !ready.isEmpty() && (full() || draining || now >= due)) {
      send(form(now), now);
    }
    if (draining && unanswered.isEmpty() && inFlight == 0) {
      drained.tryComplete();
    }
    sleep(now);
  }

  private boolean full() {
    return readyItems >= config.batches().items() || readyBytes >= config.batches().bytes();
  }

  private List<Item> form(long now) {
    List<Item> batch = new ArrayList<>();
    Set<MessageKey> keys = new HashSet<>();
    long bytes = 0;
    while (!ready.isEmpty() && fits(batch, bytes, ready.getFirst().items.getFirst())) {
      Backlog backlog = ready.removeFirst();
      backlog.inFlight = true;
      // What is left of it below waits until this batch is done.
      countReady(backlog, -1);
      Item next = backlog.items.peek();
      while (next != null && fits(batch, bytes, next) && keys.add(next.append.key())) {
        batch.add(backlog.remove());
        next.inFlight = true;
        bytes += next.append.body().size();
        next = backlog.items.peek();
      }
    }
    // A batch leaves something behind only when it is full, and then the next one has waited long enough.
    due = ready.isEmpty() ? NEVER : now;
    return batch;
  }

  private boolean fits(List<Item> batch, long bytes, Item next) {
    return batch.isEmpty()
        || (batch.size() < config.batches().items() && bytes + next.append.body().size() <= config.batches().bytes());
  }

  private void send(List<Item> items, long sent) {
    inFlight++;
    log.append(new Batch(items.stream().map(item -> item.append).toList())).onComplete(outcomes -> {
      metrics.committed(items.size(), Duration.ofNanos(ticks.nanos() - sent));
      settle(items, outcomes);
    }, _ -> fail(items));
  }

  private void settle(List<Item> items, List<Outcome> outcomes) {
    List<Committed> news = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      Item item = items.get(i);
      Outcome outcome = outcomes.get(i);
      if (outcome instanceof Outcome.Stored(Place place)) {
        news.add(new Committed(item.append, place));
        metrics.appended();
      }
      if (unanswered.remove(item)) {
        item.promise.complete(outcome);
      }
    }
    if (!news.isEmpty()) {
      committed.accept(news);
    }
    release(items);
  }

  private void fail(List<Item> items) {
    for (Item item : items) {
      if (unanswered.remove(item)) {
        item.promise.fail(new Unavailable("the log did not answer"));
      }
    }
    release(items);
  }

  private void release(List<Item> items) {
    inFlight--;
    for (Item item : items) {
      hold(item, -1);
      Backlog backlog = backlogs.get(item.append.conversation());
      if (backlog != null && backlog.inFlight) {
        backlog.inFlight = false;
        backAgain(backlog);
      }
    }
    if (inFlight == 0 && !ready.isEmpty()) {
      due = ticks.nanos();
    }
    pump();
  }

  private void backAgain(Backlog backlog) {
    Item first = backlog.items.peek();
    if (first == null) {
      backlogs.remove(backlog.conversation);
      return;
    }
    ready.add(backlog);
    countReady(backlog, 1);
    due = Math.min(due, first.arrived + config.batches().delay().toNanos());
  }

  private void expire(long now) {
    long deadline = config.queue().deadline().toNanos();
    while (!unanswered.isEmpty() && now - unanswered.getFirst().arrived >= deadline) {
      Item item = unanswered.removeFirst();
      if (!item.inFlight) {
        dropFirst(item);
      }
      item.promise.fail(new Unavailable("not stored in time"));
    }
  }

  /// Items expire in the order of their arrival, so the one that expires is the first of its conversation.
  private void dropFirst(Item item) {
    Backlog backlog = backlogs.get(item.append.conversation());
    if (backlog == null || backlog.remove() != item) {
      throw new IllegalStateException("an item that waits is the first of its conversation");
    }
    hold(item, -1);
    if (!backlog.inFlight) {
      readyItems--;
      readyBytes -= item.append.body().size();
      if (backlog.items.isEmpty()) {
        ready.remove(backlog);
        backlogs.remove(backlog.conversation);
      }
    }
    if (ready.isEmpty()) {
      due = NEVER;
    }
  }

  private void sleep(long now) {
    if (inFlight < inFlightMax && !ready.isEmpty()) {
      flush.set(due, now);
    }
    if (!unanswered.isEmpty()) {
      expiry.set(unanswered.getFirst().arrived + config.queue().deadline().toNanos(), now);
    }
  }

  private void countReady(Backlog backlog, int sign) {
    readyItems += sign * backlog.items.size();
    readyBytes += sign * backlog.bytes;
  }

  private void hold(Item item, int sign) {
    heldItems += sign;
    heldBytes += (long) sign * item.append.body().size();
    metrics.queued(sign);
  }
}
