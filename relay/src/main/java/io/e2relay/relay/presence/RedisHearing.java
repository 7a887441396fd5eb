// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.presence;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Targets;
import io.e2relay.protocol.config.Redis;
import io.e2relay.relay.fanout.Hearing;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Writes into Redis to which conversations this node listens, while nodes are too many to be told everything.
///
/// All of it is there while the node's mark is: the mark is set after the last of it, taken away before any of it may
/// be missing, and gone when Redis was emptied. Without the mark the node is told everything, so a mistake here costs
/// time only where somebody goes by an older answer; for those this node looks at the log itself.
public final class RedisHearing implements Hearing {
  /// Looks for what this node was not told.
  public interface Repairs {
    void look(List<ByteString> conversations);

    /// At all of them, soon.
    void lookSoon();
  }

  /// In Redis, of the sets: only for what dead nodes leave behind.
  private static final Duration TTL = Duration.ofMinutes(10);
  private static final Duration REWRITE = Duration.ofMinutes(4);
  private static final Duration MARK = Duration.ofSeconds(10);
  private static final Duration TICK = Duration.ofSeconds(1);
  /// When nobody goes by an answer any more that was given before.
  private static final long SETTLED_MS = Targets.KNOWN.toMillis() + 500;
  /// As many as the log is asked about at once.
  private static final int BATCH = 256;
  private static final int COMMANDS_MAX = 8 * BATCH;
  private static final long FAREWELL_MS = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final String nodeId;
  private final BooleanSupplier crowded;
  private final Repairs repairs;
  private final InstantSource clock;
  private final RedisLink link;
  private final Set<ByteString> held = ConcurrentHashMap.newKeySet();
  // Since when they have been heard here and are not written.
  private final Map<ByteString, Long> fresh = new ConcurrentHashMap<>();
  private final Set<ByteString> gone = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean woken = new AtomicBoolean();
  private volatile boolean writing;
  private volatile boolean marked;

  // Only touched on the context.
  private final Deque<ByteString> again = new ArrayDeque<>();
  private boolean unmarkDue;
  private boolean renewDue;
  private long rewriteMs;
  private long believedUntilMs;
  private long timer = -1;

  /// @param nodeId as other nodes call this one
  /// @param crowded whether others ask Redis whom to tell
  public RedisHearing(Vertx vertx, Redis redis, String nodeId, BooleanSupplier crowded, Repairs repairs,
      InstantSource clock) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.nodeId = nodeId;
    this.crowded = crowded;
    this.repairs = repairs;
    this.clock = clock;
    this.link = new RedisLink(vertx, redis, COMMANDS_MAX, new RedisLink.Owner() {
      @Override
      public void linked() {
        writeAll();
      }

      @Override
      public void unlinked() {
        marked = false;
      }
    });
  }

  /// Returns at once; Redis may be there or come later.
  public void start() {
    context.runOnContext(_ -> {
      timer = vertx.setPeriodic(TICK.toMillis(), _ -> tick());
      link.open();
    });
  }

  /// Takes the mark away if Redis answers in time; never fails. The sets expire.
  public Future<Void> stop() {
    return Future.future(promise -> context.runOnContext(_ -> {
      vertx.cancelTimer(timer);
      writing = false;
      link.idle().compose(_ -> link.send(List.of(unmark()))).timeout(FAREWELL_MS, TimeUnit.MILLISECONDS)
          .otherwiseEmpty().compose(_ -> link.close()).onComplete(promise);
    }));
  }

  @Override
  public void first(ByteString conversation) {
    held.add(conversation);
    if (writing) {
      fresh.put(conversation, clock.millis());
      wake();
    }
  }

  @Override
  public void last(ByteString conversation) {
    held.remove(conversation);
    fresh.remove(conversation);
    // While nothing is believed, what is left there expires.
    if (writing && marked) {
      gone.add(conversation);
      wake();
    }
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      try {
        context.runOnContext(_ -> {
          woken.set(false);
          pump();
        });
      } catch (RejectedExecutionException _) {
        // Vert.x has closed under us: what is in Redis expires.
        woken.set(true);
      }
    }
  }

  private void tick() {
    long nowMs = clock.millis();
    if (crowded.getAsBoolean() != writing) {
      writing = !writing;
      writeAll();
    }
    if (writing && nowMs >= rewriteMs) {
      rewriteMs = nowMs + REWRITE.toMillis();
      again.addAll(held);
    }
    renewDue = marked;
    boolean late = !marked || fresh.values().stream().anyMatch(since -> nowMs - since > TICK.toMillis());
    if (late && nowMs < believedUntilMs) {
      repairs.lookSoon();
    }
    pump();
  }

  /// Nothing that is in Redis is believed any more; what should be there is written, and then the mark.
  private void writeAll() {
    marked = false;
    unmarkDue = true;
    gone.clear();
    again.clear();
    if (writing) {
      again.addAll(held);
    } else {
      fresh.clear();
    }
    rewriteMs = clock.millis() + REWRITE.toMillis();
    pump();
  }

  private void pump() {
    if (!link.isFree()) {
      return;
    }
    List<Request> batch = new ArrayList<>();
    List<ByteString> written = new ArrayList<>();
    if (unmarkDue) {
      batch.add(unmark());
    } else if (renewDue) {
      batch.add(Request.cmd(Command.PEXPIRE).arg(Heard.mark(nodeId)).arg(MARK.toMillis()));
    }
    boolean renewed = !unmarkDue && renewDue;
    unmarkDue = false;
    renewDue = false;
    boolean marks = writing && fill(batch, written) && !marked;
    if (marks) {
      // After the last that it vouches for.
      batch.add(Request.cmd(Command.SET).arg(Heard.mark(nodeId)).arg("1").arg("PX").arg(MARK.toMillis()));
    }
    if (!batch.isEmpty()) {
      link.ask(batch).onSuccess(answers -> done(written, renewed ? answers.getFirst() : null, marks || renewed));
    }
  }

  /// True when all that was to be written again is in this batch or was in an earlier one.
  private boolean fill(List<Request> batch, List<ByteString> written) {
    for (Iterator<ByteString> next = fresh.keySet().iterator(); next.hasNext() && written.size() < BATCH;) {
      ByteString conversation = next.next();
      written.add(conversation);
      write(batch, conversation);
    }
    int room = BATCH;
    for (Iterator<ByteString> next = gone.iterator(); next.hasNext() && room > 0; room--) {
      ByteString conversation = next.next();
      next.remove();
      if (!held.contains(conversation)) {
        batch.add(Request.cmd(Command.ZREM).arg(Heard.key(conversation)).arg(nodeId));
      }
    }
    for (room = BATCH; room > 0 && !again.isEmpty(); room--) {
      ByteString conversation = again.remove();
      if (held.contains(conversation)) {
        write(batch, conversation);
      }
    }
    return again.isEmpty();
  }

  private void write(List<Request> batch, ByteString conversation) {
    String key = Heard.key(conversation);
    long nowMs = clock.millis();
    batch.add(Request.cmd(Command.ZADD).arg(key).arg(nowMs + TTL.toMillis()).arg(nodeId));
    // What dead nodes left behind; much too late, as the clocks of nodes differ.
    batch.add(Request.cmd(Command.ZREMRANGEBYSCORE).arg(key).arg("-inf").arg(nowMs));
    batch.add(Request.cmd(Command.PEXPIRE).arg(key).arg(TTL.toMillis()));
  }

  private void done(List<ByteString> written, @Nullable Response renewal, boolean marks) {
    written.forEach(fresh::remove);
    if (!written.isEmpty()) {
      vertx.setTimer(SETTLED_MS, _ -> repairs.look(written));
    }
    if (renewal != null && Integer.valueOf(0).equals(renewal.toInteger())) {
      // Redis was emptied, or has lost at least this.
      writeAll();
      return;
    }
    if (marks && !unmarkDue) {
      marked = true;
      believedUntilMs = clock.millis() + MARK.toMillis() + SETTLED_MS;
    }
    if (!fresh.isEmpty() || !gone.isEmpty() || !again.isEmpty()) {
      pump();
    }
  }

  private Request unmark() {
    return Request.cmd(Command.DEL).arg(Heard.mark(nodeId));
  }
}
