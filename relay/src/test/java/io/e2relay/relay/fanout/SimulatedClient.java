// SPDX-License-Identifier: Apache-2.0
package io.e2relay.relay.fanout;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.frame.Subprotocol;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Cursor;
import io.e2relay.protocol.wire.Gap;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.SubscribeResult;
import io.e2relay.relay.world.World;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A client that joins, leaves, stalls and comes back with its cursors, and holds every frame to the invariants.
final class SimulatedClient {
  final ByteString uid;
  private final World world;
  private final LoopFanout loop;
  private final Subprotocol subprotocol;
  private final Map<ByteString, Long> cursors = new HashMap<>();
  private final Set<ByteString> standing = new HashSet<>();
  private final Set<ByteString> caughtUp = new HashSet<>();
  private final Set<ByteString> detached = new HashSet<>();
  private final Map<ByteString, Long> asked = new HashMap<>();
  private @Nullable FakeOutlet outlet;
  private @Nullable Subscriber subscriber;

  SimulatedClient(World world, LoopFanout loop, ByteString uid, Subprotocol subprotocol) {
    this.world = world;
    this.loop = loop;
    this.uid = uid;
    this.subprotocol = subprotocol;
  }

  boolean isConnected() {
    return subscriber != null;
  }

  boolean isStanding(ByteString conversation) {
    return standing.contains(conversation);
  }

  boolean isComplete(ByteString conversation) {
    return caughtUp.contains(conversation) && cursor(conversation) == world.head(conversation);
  }

  long cursor(ByteString conversation) {
    return cursors.getOrDefault(conversation, 0L);
  }

  void connect() {
    FakeOutlet fresh = new FakeOutlet(subprotocol, this::got);
    outlet = fresh;
    subscriber = loop.join(new Uid(uid), fresh);
  }

  void disconnect() {
    if (subscriber != null) {
      loop.leave(subscriber);
      subscriber = null;
      outlet = null;
      standing.clear();
      caughtUp.clear();
    }
  }

  void subscribe(ByteString conversation) {
    Subscriber now = subscriber;
    if (now != null) {
      // Only the answer to the last question counts: a subscription replaces the one before.
      long question = asked.merge(conversation, 1L, Long::sum);
      detached.remove(conversation);
      standing.remove(conversation);
      caughtUp.remove(conversation);
      loop.subscribe(now,
          List.of(Cursor.newBuilder().setConversationId(conversation).setAfterSeq(cursor(conversation)).build()))
          .onSuccess(results -> answered(now, question, results));
    }
  }

  /// To be run when the DETACH was answered: from then on nothing may come, unless it was asked for again since.
  Runnable detaching(ByteString conversation) {
    long question = asked.getOrDefault(conversation, 0L);
    return () -> {
      if (asked.getOrDefault(conversation, 0L) == question) {
        detached.add(conversation);
      }
    };
  }

  void unsubscribe(ByteString conversation) {
    if (subscriber != null) {
      loop.unsubscribe(subscriber, List.of(conversation));
      standing.remove(conversation);
      caughtUp.remove(conversation);
    }
  }

  void room(int frames) {
    if (outlet != null && subscriber != null) {
      outlet.room(frames);
      if (frames > 0) {
        loop.drained(subscriber);
      }
    }
  }

  /// What the relay told about users who are no longer members.
  void settle() {
    if (outlet != null) {
      outlet.removed.forEach(conversation -> {
        standing.remove(conversation);
        caughtUp.remove(conversation);
      });
      outlet.removed.clear();
    }
  }

  private void answered(Subscriber asker, long question, List<SubscribeResult> results) {
    ByteString conversation = results.getFirst().getConversationId();
    if (asker.equals(subscriber) && asked.getOrDefault(conversation, 0L) == question
        && !results.getFirst().hasError()) {
      standing.add(conversation);
      loop.begin(asker, List.of(conversation));
    }
  }

  private void got(ServerFrame frame) {
    switch (frame.getBodyCase()) {
      case MESSAGE -> entry(frame.getMessage());
      case CONTROL -> entry(frame.getControl());
      case GAP -> gap(frame.getGap());
      case CAUGHT_UP -> caughtUp.add(frame.getCaughtUp().getConversationId());
      case ERROR, DONE, CHALLENGE, WELCOME, TOKEN_REFRESHED, CONVERSATION, CONVERSATION_PAGE, SENT, PAGE, SUBSCRIBED,
          ACCOUNTS, DEVICE_WRAPS, BACKUP_TERMS, BACKUP, SELF_BLOBS, EPOCH_PUT, EPOCHS, WRAPS, WRAP_JOBS, MEMBER_READY,
          WRAP_JOBS_WAITING, ACCOUNT_CHANGED, MEMBER_REMOVED, CONVERSATION_CHANGED, DRAINING, BODY_NOT_SET ->
        throw new AssertionError("unexpected " + frame.getBodyCase());
    }
  }

  private void entry(Message message) {
    new Invariants.NothingToNonMembers(world).check(uid, message.getConversationId(), message.getEpoch());
    advance(message.getConversationId(), message.getSeq(), message.getSeq());
  }

  private void entry(Control control) {
    new Invariants.NothingToNonMembers(world).check(uid, control.getConversationId(), control.getEpoch());
    advance(control.getConversationId(), control.getSeq(), control.getSeq());
  }

  private void gap(Gap gap) {
    advance(gap.getConversationId(), gap.getFromSeq(), gap.getToSeq());
  }

  private void advance(ByteString conversation, long from, long to) {
    long cursor = cursor(conversation);
    if (detached.contains(conversation)) {
      throw new AssertionError("NothingToNonMembers: pushed after DETACH was answered");
    }
    Invariants.NothingTwice.check(cursor, from);
    Invariants.NoGap.check(cursor, from);
    cursors.put(conversation, to);
  }
}
