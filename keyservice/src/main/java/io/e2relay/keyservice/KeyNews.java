// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import io.e2relay.keyservice.account.Stored;
import io.e2relay.keyservice.conversation.Controls;
import io.e2relay.keyservice.conversation.Outcome;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AccountChangedHint;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.bus.wire.DetachReply;
import io.e2relay.protocol.bus.wire.UserVersion;
import io.e2relay.protocol.bus.wire.UsersChangedHint;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.wire.Entry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Tells what has just been committed. All of it is a hint but one: a removal waits until the relays that are there
/// have dropped the removed.
final class KeyNews {
  private static final int CONVERSATIONS_PER_HINT = 1_000;

  private final Bus bus;
  private final Duration detachTimeout;
  private final KeyMetrics metrics;

  KeyNews(Bus bus, Duration detachTimeout, KeyMetrics metrics) {
    this.bus = bus;
    this.detachTimeout = detachTimeout;
    this.metrics = metrics;
  }

  void tell(Outcome.Changed changed) {
    Conversation now = changed.now().conversation();
    changed.changes().forEach(change -> metrics.changed(change.kind()));
    bus.tell(Calls.COMMITTED,
        CommittedHint.newBuilder()
            .addEntries(Entry.newBuilder().setControl(Controls.of(now.id(), now.epoch(), changed.changes())
                .setSeq(changed.entry().seq()).setReceivedMs(changed.entry().receivedMs())))
            .build());
    List<Change> endings = changed.changes().stream().filter(Change::ends).toList();
    if (!endings.isEmpty()) {
      detach(now, endings);
    }
    UsersChangedHint.Builder users = UsersChangedHint.newBuilder().setConversationId(now.id().bytes());
    changed.versions()
        .forEach((uid, version) -> users.addUsers(UserVersion.newBuilder().setUid(uid.bytes()).setVersion(version)));
    bus.tell(Calls.USERS_CHANGED, users.build());
  }

  /// A user with very many conversations is told to the first of them; who wraps a key asks anyway.
  void tell(Uid uid, Stored.Now stored) {
    for (int from = 0; from == 0 || from < stored.conversations().size(); from += CONVERSATIONS_PER_HINT) {
      List<ConversationId> some = stored.conversations().subList(from,
          Math.min(stored.conversations().size(), from + CONVERSATIONS_PER_HINT));
      bus.tell(Calls.ACCOUNT_CHANGED, AccountChangedHint.newBuilder().setUid(uid.bytes()).setLastSeq(stored.seq())
          .addAllConversationIds(some.stream().map(ConversationId::bytes).toList()).build());
    }
  }

  /// A relay that does not answer can at worst still deliver what was committed before the removal.
  private void detach(Conversation conversation, List<Change> endings) {
    DetachCall.Builder call = DetachCall.newBuilder().setConversationId(conversation.id().bytes());
    endings.forEach(change -> call.addUids(change.uid().bytes()));
    Future<DetachReply> detached = bus.ask(Calls.DETACH, call.build());
    boolean answered = detached.timeout(detachTimeout.toMillis(), TimeUnit.MILLISECONDS).map(true).otherwise(false)
        .await();
    if (!answered) {
      metrics.detachUnanswered();
    }
  }
}
