// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.bus.wire.AccountChangedHint;
import io.e2relay.protocol.bus.wire.MemberReadyHint;
import io.e2relay.protocol.bus.wire.UserState;
import io.e2relay.protocol.bus.wire.UserVersion;
import io.e2relay.protocol.bus.wire.UsersChangedHint;
import io.e2relay.protocol.bus.wire.WrapJobsHint;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.relay.RelayMetrics;
import io.e2relay.relay.session.PageOutcome;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/// The subscribers of one event loop and what they have seen. Everything here runs on that loop.
public final class LoopFanout {
  /// How much it reads at once, and how often it looks for what hints lost.
  public record Bounds(int readsAtOnce, int pageEntries, long sweepEveryMs, long sweepSoonMs) {
  }

  /// What the loops of a node share: who listens to what, and how often something could not be reached.
  record Common(Interest interest, AtomicLong troubles, RelayMetrics metrics) {
  }

  private final int loop;
  private final Common common;
  private final Interest interest;
  private final LogView log;
  private final Bounds bounds;
  private final RelayMetrics metrics;
  private final Map<ByteString, Room> rooms = new HashMap<>();
  private final Map<ByteString, Set<Subscriber>> users = new HashMap<>();
  private final ReadLine reads;
  private final Sweep<Long> sweep;
  private final Sweep<UserState> userSweep;
  private long troublesSeen;

  LoopFanout(int loop, Common common, LogView log, Bounds bounds) {
    this.loop = loop;
    this.common = common;
    this.interest = common.interest();
    this.log = log;
    this.bounds = bounds;
    this.metrics = common.metrics();
    this.reads = new ReadLine(bounds.readsAtOnce(), this::read);
    this.sweep = new Sweep<>(conversations -> {
      metrics.swept();
      return log.heads(conversations);
    }, bounds.sweepEveryMs(), bounds.sweepSoonMs(), this::compare);
    this.userSweep = new Sweep<>(log::states, bounds.sweepEveryMs(), bounds.sweepSoonMs(), this::compareUsers);
  }

  int loop() {
    return loop;
  }

  public Subscriber join(Uid uid, Outlet outlet) {
    Subscriber subscriber = new Subscriber(uid.bytes(), outlet);
    users.computeIfAbsent(subscriber.uid, _ -> new HashSet<>()).add(subscriber);
    return subscriber;
  }

  public void leave(Subscriber subscriber) {
    List.copyOf(subscriber.subscriptions.values()).forEach(this::drop);
    Set<Subscriber> connections = users.get(subscriber.uid);
    if (connections != null && connections.remove(subscriber) && connections.isEmpty()) {
      users.remove(subscriber.uid);
    }
  }

  /// Registers first, then asks whether the user may: what is committed in between is found by reading the log.
  public Future<List<SubscribeResult>> subscribe(Subscriber subscriber, List<Cursor> cursors) {
    List<Subscription> wanted = new ArrayList<>();
    for (Cursor cursor : cursors) {
      Subscription before = subscriber.subscriptions.get(cursor.getConversationId());
      if (before != null) {
        drop(before);
      }
      wanted.add(register(subscriber, cursor));
    }
    return Admission.of(log, wanted).onSuccess(results -> {
      for (int i = 0; i < results.size(); i++) {
        if (results.get(i).hasError()) {
          drop(wanted.get(i));
        }
      }
    });
  }

  /// Lets the log flow to subscriptions whose answer has been written.
  public void begin(Subscriber subscriber, List<ByteString> conversations) {
    for (ByteString conversation : conversations) {
      Subscription subscription = subscriber.subscriptions.get(conversation);
      if (subscription != null) {
        subscription.begin();
        reads.want(subscription);
      }
    }
  }

  public void unsubscribe(Subscriber subscriber, List<ByteString> conversations) {
    for (ByteString conversation : conversations) {
      Subscription subscription = subscriber.subscriptions.get(conversation);
      if (subscription != null) {
        drop(subscription);
      }
    }
  }

  /// The client reads again.
  public void drained(Subscriber subscriber) {
    subscriber.subscriptions.values().forEach(reads::want);
  }

  /// Something could not be reached: every loop looks soon whether anything was missed, for what was committed then
  /// may have been for others.
  public void trouble() {
    common.troubles().incrementAndGet();
  }

  public void tick(long nowMs) {
    long troubles = common.troubles().get();
    if (troubles != troublesSeen) {
      troublesSeen = troubles;
      sweep.trouble();
      userSweep.trouble();
    }
    sweep.tick(nowMs, rooms.keySet());
    userSweep.tick(nowMs, users.keySet());
  }

  void deliver(List<LiveEntry> entries, long nowMs) {
    for (LiveEntry entry : entries) {
      int pushed = 0;
      Room room = rooms.get(entry.conversation);
      if (room != null) {
        for (Subscription subscription : room.subscriptions()) {
          if (subscription.live(entry)) {
            pushed++;
          } else {
            reads.want(subscription);
          }
        }
      }
      metrics.delivered(pushed, nowMs - entry.receivedMs);
    }
  }

  /// Drops the subscriptions of users who are no longer members; nothing of the conversation follows.
  int detach(ByteString conversation, Set<ByteString> uids) {
    Room room = rooms.get(conversation);
    if (room == null) {
      return 0;
    }
    List<Subscription> gone = room.subscriptions().stream().filter(s -> uids.contains(s.subscriber.uid)).toList();
    gone.forEach(this::remove);
    return gone.size();
  }

  /// Closes the user's connections that proved to be other devices than these.
  int devices(ByteString uid, Set<ByteString> devices) {
    int closed = 0;
    for (Subscriber subscriber : List.copyOf(users.getOrDefault(uid, Set.of()))) {
      closed += subscriber.outlet.devices(devices) ? 1 : 0;
    }
    return closed;
  }

  void usersChanged(UsersChangedHint hint) {
    for (UserVersion user : hint.getUsersList()) {
      for (Subscriber subscriber : users.getOrDefault(user.getUid(), Set.of())) {
        subscriber.outlet.changed(hint.getConversationId(), user.getVersion());
      }
    }
  }

  /// To the user's own connections, and once to everybody who follows one of the conversations.
  void accountChanged(AccountChangedHint hint) {
    Set<Subscriber> told = new LinkedHashSet<>(users.getOrDefault(hint.getUid(), Set.of()));
    for (ByteString conversation : hint.getConversationIdsList()) {
      Room room = rooms.get(conversation);
      if (room != null) {
        room.subscriptions().forEach(subscription -> told.add(subscription.subscriber));
      }
    }
    told.forEach(subscriber -> subscriber.outlet.accountChanged(hint.getUid(), hint.getLastSeq()));
  }

  /// To all connections of the users, whether they follow the conversation yet or not.
  void memberReady(MemberReadyHint hint) {
    for (ByteString uid : hint.getUidsList()) {
      for (Subscriber subscriber : users.getOrDefault(uid, Set.of())) {
        subscriber.outlet.memberReady(hint.getConversationId(), hint.getEpoch());
      }
    }
  }

  /// To everybody who follows the conversation: that takes a key.
  void jobsWaiting(WrapJobsHint hint) {
    Room room = rooms.get(hint.getConversationId());
    if (room != null) {
      room.subscriptions()
          .forEach(subscription -> subscription.subscriber.outlet.jobsWaiting(hint.getConversationId()));
    }
  }

  private Subscription register(Subscriber subscriber, Cursor cursor) {
    ByteString conversation = cursor.getConversationId();
    Room room = rooms.computeIfAbsent(conversation, Room::new);
    Subscription subscription = new Subscription(subscriber, room, cursor.getAfterSeq());
    subscriber.subscriptions.put(conversation, subscription);
    if (room.add(subscription)) {
      interest.add(conversation, loop, subscription.subprotocol());
    }
    return subscription;
  }

  private void drop(Subscription subscription) {
    if (subscription.isClosed()) {
      return;
    }
    subscription.close();
    Room room = subscription.room;
    subscription.subscriber.subscriptions.remove(room.conversation, subscription);
    if (room.remove(subscription)) {
      interest.remove(room.conversation, loop, subscription.subprotocol());
    }
    if (room.isEmpty()) {
      rooms.remove(room.conversation);
    }
  }

  private void remove(Subscription subscription) {
    drop(subscription);
    subscription.subscriber.outlet.removed(subscription.room.conversation);
  }

  private void read(Subscription subscription) {
    if (subscription.isCaughtUp()) {
      metrics.repaired();
    }
    LogView.Range range = new LogView.Range(subscription.room.conversation, subscription.startReading(), 0,
        bounds.pageEntries());
    log.page(subscription.subscriber.uid, range, subscription.subprotocol())
        .onComplete(outcome -> shown(subscription, outcome), _ -> {
          subscription.stopReading();
          sweep.trouble();
          reads.finished(subscription);
        });
  }

  private void shown(Subscription subscription, PageOutcome outcome) {
    subscription.stopReading();
    if (!subscription.isClosed()) {
      switch (outcome) {
        case PageOutcome.Read(var page) -> {
          if (!subscription.read(page)) {
            // The hint promised more than the log shows: the sweep will tell.
            sweep.trouble();
          } else {
            reads.want(subscription);
          }
        }
        case PageOutcome.Refused(var code) -> refused(subscription, code);
      }
    }
    reads.finished(subscription);
  }

  private void refused(Subscription subscription, ErrorCode code) {
    if (code == ErrorCode.UNAVAILABLE) {
      sweep.trouble();
    } else {
      remove(subscription);
    }
  }

  private void compare(List<ByteString> conversations, Map<ByteString, Long> heads) {
    for (ByteString conversation : conversations) {
      moved(conversation, heads.getOrDefault(conversation, 0L));
    }
  }

  private void compareUsers(List<ByteString> uids, Map<ByteString, UserState> states) {
    for (ByteString uid : uids) {
      UserState state = states.get(uid);
      if (state != null) {
        // Whoever is closed on the way leaves the set.
        List.copyOf(users.getOrDefault(uid, Set.of())).forEach(subscriber -> subscriber.outlet.stands(state));
      }
    }
  }

  /// The log goes as far as that: whoever is behind reads it.
  void moved(ByteString conversation, long lastSeq) {
    Room room = rooms.get(conversation);
    if (room != null) {
      for (Subscription subscription : room.subscriptions()) {
        subscription.seen(lastSeq);
        reads.want(subscription);
      }
    }
  }
}
