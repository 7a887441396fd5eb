// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AccountChangedHint;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.DevicesCall;
import io.e2relay.protocol.bus.wire.DevicesReply;
import io.e2relay.protocol.bus.wire.Head;
import io.e2relay.protocol.bus.wire.MemberReadyHint;
import io.e2relay.protocol.bus.wire.UsersChangedHint;
import io.e2relay.protocol.bus.wire.WrapJobsHint;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.relay.RelayMetrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToIntFunction;

/// What every node hears once: encoded once, then one task for each event loop that has somebody who listens. The
/// methods that take news run on one event loop.
public final class Fanout {
  private record Loop(LoopFanout fanout, Executor executor) {
  }

  private final Rosters rosters;
  private final InstantSource clock;
  private final RelayMetrics metrics;
  private final Interest interest = new Interest();
  private final AtomicLong troubles = new AtomicLong();
  private final AtomicInteger loopCount = new AtomicInteger();
  private final List<Loop> loops = new CopyOnWriteArrayList<>();

  Fanout(Rosters rosters, InstantSource clock, RelayMetrics metrics) {
    this.rosters = rosters;
    this.clock = clock;
    this.metrics = metrics;
  }

  public static Fanout of(Bus bus, int rosterUidsMax, InstantSource clock, RelayMetrics metrics) {
    return new Fanout(new Rosters(call -> bus.ask(Calls.ROSTER, call), rosterUidsMax), clock, metrics);
  }

  /// Before there is anybody here.
  public void tell(Hearing hearing) {
    interest.tell(hearing);
  }

  /// The part of one event loop; the executor runs tasks there, in order.
  public LoopFanout loop(LogView log, LoopFanout.Bounds bounds, Executor executor) {
    LoopFanout fanout = new LoopFanout(loopCount.getAndIncrement(), new LoopFanout.Common(interest, troubles, metrics),
        log, bounds);
    loops.add(new Loop(fanout, executor));
    return fanout;
  }

  public void remove(LoopFanout fanout) {
    loops.removeIf(loop -> loop.fanout() == fanout);
  }

  public void committed(CommittedHint hint) {
    List<LiveEntry> ready = new ArrayList<>();
    for (Entry entry : hint.getEntriesList()) {
      ByteString conversation = EntryFrames.conversation(entry);
      if (entry.hasGap() || !interest.any(conversation)) {
        continue;
      }
      Future<RosterView> roster = rosters.of(conversation, EntryFrames.epoch(entry));
      if (roster.succeeded()) {
        ready.add(encode(entry, roster.result()));
      } else {
        // Without a roster it is pushed to nobody, and marks for everybody that there is something to read.
        roster.otherwise(RosterView.NOBODY).onSuccess(known -> handOver(List.of(encode(entry, known))));
      }
    }
    handOver(ready);
    moved(hint.getHeadsList());
  }

  /// The log goes as far as that; on any thread.
  public void moved(List<Head> heads) {
    for (Head head : heads) {
      for (Loop loop : loops) {
        if (interest.has(head.getConversationId(), loop.fanout().loop())) {
          loop.executor().execute(() -> loop.fanout().moved(head.getConversationId(), head.getLastSeq()));
        }
      }
    }
  }

  /// News of other nodes may have been lost: every loop looks soon whether anything was missed.
  public void missed() {
    troubles.incrementAndGet();
  }

  /// Answered when every loop has dropped them.
  public Future<DetachReply> detach(DetachCall call) {
    Set<ByteString> uids = new HashSet<>(call.getUidsList());
    return onEveryLoop(fanout -> fanout.detach(call.getConversationId(), uids))
        .map(dropped -> DetachReply.newBuilder().setDetached(dropped).build());
  }

  /// Answered when every loop has closed them.
  public Future<DevicesReply> devices(DevicesCall call) {
    Set<ByteString> devices = Set.copyOf(call.getDeviceIdsList());
    return onEveryLoop(fanout -> fanout.devices(call.getUid(), devices))
        .map(closed -> DevicesReply.newBuilder().setClosed(closed).build());
  }

  public void usersChanged(UsersChangedHint hint) {
    loops.forEach(loop -> loop.executor().execute(() -> loop.fanout().usersChanged(hint)));
  }

  public void accountChanged(AccountChangedHint hint) {
    loops.forEach(loop -> loop.executor().execute(() -> loop.fanout().accountChanged(hint)));
  }

  public void memberReady(MemberReadyHint hint) {
    loops.forEach(loop -> loop.executor().execute(() -> loop.fanout().memberReady(hint)));
  }

  public void jobsWaiting(WrapJobsHint hint) {
    for (Loop loop : loops) {
      if (interest.has(hint.getConversationId(), loop.fanout().loop())) {
        loop.executor().execute(() -> loop.fanout().jobsWaiting(hint));
      }
    }
  }

  private Future<Integer> onEveryLoop(ToIntFunction<LoopFanout> task) {
    List<Future<Integer>> counts = loops.stream().map(loop -> {
      Promise<Integer> promise = Promise.promise();
      loop.executor().execute(() -> promise.complete(task.applyAsInt(loop.fanout())));
      return promise.future();
    }).toList();
    return Future.all(counts).map(all -> all.<Integer>list().stream().mapToInt(Integer::intValue).sum());
  }

  private LiveEntry encode(Entry entry, RosterView roster) {
    LiveEntry live = new LiveEntry(entry, roster, clock.millis());
    Set<Subprotocol> subprotocols = interest.subprotocols(live.conversation);
    live.encode(subprotocols);
    metrics.encoded(subprotocols.size());
    return live;
  }

  private void handOver(List<LiveEntry> entries) {
    for (Loop loop : loops) {
      List<LiveEntry> mine = entries.stream().filter(e -> interest.has(e.conversation, loop.fanout().loop())).toList();
      if (!mine.isEmpty()) {
        mine.forEach(LiveEntry::retain);
        loop.executor().execute(() -> {
          try {
            loop.fanout().deliver(mine, clock.millis());
          } finally {
            mine.forEach(LiveEntry::release);
          }
        });
      }
    }
    entries.forEach(LiveEntry::release);
  }
}
