// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import io.e2relay.protocol.config.Redis;
import io.e2relay.protocol.id.Uid;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Keeps this node's lease and the entries of its connections in Redis.
///
/// Callers only change a set and a bounded queue. One event loop carries them to Redis, one batch at a time, so a slow
/// or frozen Redis costs no more memory than the queue and one batch. Whatever was dropped or lost is healed by writing
/// all entries again; entries that could not be removed expire.
public final class RedisRegistry implements Registry {
  private static final int COMMANDS_PER_ENTRY = 3;
  /// All nodes lose Redis in the same moment; they must not all come back to it in the same one.
  private static final long REWRITE_JITTER_MS = 1_000;
  private static final long FAREWELL_MS = 3_000;

  private final Vertx vertx;
  private final Context context;
  private final PresenceConfig config;
  private final String nodeId;
  private final PresenceMetrics metrics;
  private final InstantSource clock;
  private final RedisLink link;
  private final Changes changes;
  private final Set<Entry> held = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile boolean rewriteDue;
  private volatile boolean stopped;

  // Only touched on the context.
  private Iterator<Entry> sweep = Collections.emptyIterator();
  private boolean leaseDue = true;
  private boolean linkedBefore;
  private final List<Long> timers = new ArrayList<>();

  /// The node's id is its name among the live nodes; a node that comes back may have it again.
  public RedisRegistry(Vertx vertx, Redis redis, String nodeId, PresenceConfig config, PresenceMetrics metrics,
      InstantSource clock) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.config = config;
    this.nodeId = nodeId;
    this.metrics = metrics;
    this.clock = clock;
    this.changes = new Changes(config.pending());
    this.link = new RedisLink(vertx, redis, COMMANDS_PER_ENTRY * config.batch() + 64, new RedisLink.Owner() {
      @Override
      public void linked() {
        metrics.redisUp();
        RedisRegistry.this.linked();
      }

      @Override
      public void unlinked() {
        metrics.redisDown();
      }
    });
  }

  /// Returns at once; Redis may be there or come later.
  public void start() {
    context.runOnContext(_ -> {
      if (!stopped) {
        timers.add(vertx.setPeriodic(config.leaseRefresh().toMillis(), _ -> renewLease()));
        timers.add(vertx.setPeriodic(config.refresh().toMillis(), _ -> refresh()));
        link.open();
      }
    });
  }

  /// Removes the entries and the lease if Redis answers in time; never fails.
  public Future<Void> stop() {
    stopped = true;
    return Future.future(promise -> context.runOnContext(_ -> {
      timers.forEach(vertx::cancelTimer);
      link.idle().compose(_ -> farewell(held.iterator())).timeout(FAREWELL_MS, TimeUnit.MILLISECONDS).otherwiseEmpty()
          .compose(_ -> link.close()).onComplete(promise);
    }));
  }

  @Override
  public void connected(Uid uid, long connection) {
    Entry entry = new Entry(uid, connection);
    if (!stopped && held.add(entry)) {
      tell(new Changes.Change.Came(entry));
    }
  }

  @Override
  public void disconnected(Uid uid, long connection) {
    Entry entry = new Entry(uid, connection);
    // Once stopped, the farewell removes everything that is held.
    if (!stopped && held.remove(entry)) {
      tell(new Changes.Change.Went(entry));
    }
  }

  /// Changes that wait.
  int pending() {
    return changes.size();
  }

  private void tell(Changes.Change change) {
    if (!changes.offer(change)) {
      metrics.dropped();
      rewriteDue = true;
    } else if (woken.compareAndSet(false, true)) {
      wake();
    }
  }

  /// At most one wake-up is queued, however many connections come.
  private void wake() {
    try {
      context.runOnContext(_ -> {
        woken.set(false);
        pump();
      });
    } catch (RejectedExecutionException _) {
      // Vert.x has closed under us: the entries expire.
      woken.set(true);
    }
  }

  private void linked() {
    leaseDue = true;
    if (linkedBefore) {
      // Redis may have come back empty.
      rewriteDue = false;
      vertx.setTimer(1 + ThreadLocalRandom.current().nextLong(REWRITE_JITTER_MS), _ -> {
        rewriteDue = true;
        pump();
      });
    }
    linkedBefore = true;
    pump();
  }

  private void renewLease() {
    leaseDue = true;
    pump();
  }

  private void refresh() {
    if (!sweep.hasNext()) {
      sweep = held.iterator();
    }
    pump();
  }

  private void pump() {
    if (stopped || !link.isFree()) {
      return;
    }
    List<Request> batch = nextBatch();
    while (batch.isEmpty() && (changes.size() > 0 || sweep.hasNext())) {
      // Everything taken was about connections that have gone since.
      batch = nextBatch();
    }
    if (!batch.isEmpty()) {
      link.send(batch).onSuccess(_ -> pump());
    }
  }

  private List<Request> nextBatch() {
    List<Request> batch = new ArrayList<>();
    if (leaseDue) {
      leaseDue = false;
      batch.add(Request.cmd(Command.SET).arg(leaseKey()).arg(Long.toString(clock.millis())).arg("PX")
          .arg(config.lease().toMillis()));
    }
    int room = config.batch() - takeChanges(batch);
    if (room > 0 && rewriteDue) {
      rewriteDue = false;
      sweep = held.iterator();
      metrics.rewrote();
    }
    for (; room > 0 && sweep.hasNext(); room--) {
      write(batch, sweep.next());
    }
    return batch;
  }

  /// Moves as many changes into the batch as may go, and says how many those were.
  private int takeChanges(List<Request> batch) {
    for (int taken = 0; taken < config.batch(); taken++) {
      switch (changes.poll()) {
        case null -> {
          return taken;
        }
        case Changes.Change.Came(Entry entry) -> write(batch, entry);
        case Changes.Change.Went(Entry entry) -> batch.add(remove(entry));
      }
    }
    return config.batch();
  }

  /// Not for a connection that has gone: its removal may be in this batch already, or may have been dropped.
  private void write(List<Request> batch, Entry entry) {
    if (held.contains(entry)) {
      long ttlMs = config.ttl().toMillis();
      long nowMs = clock.millis();
      batch.add(Request.cmd(Command.ZADD).arg(entry.key()).arg(nowMs + ttlMs).arg(entry.member(nodeId)));
      // What dead nodes left behind; a whole ttl late, as the clocks of nodes differ.
      batch.add(Request.cmd(Command.ZREMRANGEBYSCORE).arg(entry.key()).arg("-inf").arg(nowMs - ttlMs));
      batch.add(Request.cmd(Command.PEXPIRE).arg(entry.key()).arg(ttlMs));
    }
  }

  private Request remove(Entry entry) {
    return Request.cmd(Command.ZREM).arg(entry.key()).arg(entry.member(nodeId));
  }

  private Future<Void> farewell(Iterator<Entry> entries) {
    List<Request> batch = new ArrayList<>();
    takeChanges(batch);
    while (batch.size() < config.batch() && entries.hasNext()) {
      batch.add(remove(entries.next()));
      entries.remove();
    }
    boolean last = !entries.hasNext() && changes.size() == 0;
    if (last) {
      batch.add(Request.cmd(Command.DEL).arg(leaseKey()));
    }
    return link.send(batch).compose(_ -> last ? Future.succeededFuture() : farewell(entries));
  }

  private String leaseKey() {
    return "e2r:node:" + nodeId;
  }
}
