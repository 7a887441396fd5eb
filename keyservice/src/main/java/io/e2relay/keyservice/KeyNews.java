// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Stored;
import io.e2relay.keyservice.conversation.News;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.protocol.bus.Bus;
import io.e2relay.protocol.bus.Calls;
import io.e2relay.protocol.bus.wire.AccountChangedHint;
import io.e2relay.protocol.bus.wire.CommittedHint;
import io.e2relay.protocol.bus.wire.DetachCall;
import io.e2relay.protocol.bus.wire.DevicesCall;
import io.e2relay.protocol.bus.wire.MemberReadyHint;
import io.e2relay.protocol.bus.wire.UserVersion;
import io.e2relay.protocol.bus.wire.UsersChangedHint;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Entry;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Tells what has just been committed. All of it is a hint but what takes something away: that waits until the relays
/// that are there have dropped the removed members and the devices that are none any more.
final class KeyNews {
  private static final int CONVERSATIONS_PER_HINT = 1_000;

  private final Bus bus;
  private final Duration detachTimeout;
  private final KeyMetrics metrics;
  private final Runnable work;

  /// @param work is done whenever there may be jobs for those who hold a conversation's key
  KeyNews(Bus bus, Duration detachTimeout, KeyMetrics metrics, Runnable work) {
    this.bus = bus;
    this.detachTimeout = detachTimeout;
    this.metrics = metrics;
    this.work = work;
  }

  void tell(News news) {
    news.changes().forEach(change -> metrics.changed(change.kind()));
    bus.tell(Calls.COMMITTED,
        CommittedHint.newBuilder().addEntries(Entry.newBuilder().setControl(news.control())).build());
    ByteString conversation = news.control().getConversationId();
    List<Change> endings = news.changes().stream().filter(Change::ends).toList();
    if (!endings.isEmpty()) {
      detach(conversation, endings);
    }
    UsersChangedHint.Builder users = UsersChangedHint.newBuilder().setConversationId(conversation);
    news.versions()
        .forEach((uid, version) -> users.addUsers(UserVersion.newBuilder().setUid(uid.bytes()).setVersion(version)));
    bus.tell(Calls.USERS_CHANGED, users.build());
    if (!news.control().getEpochHash().isEmpty()) {
      opened(news);
    }
  }

  /// Whoever was given a key asks for it now, and need not wait to be told by a message.
  void granted(GrantStatement grant) {
    ready(grant.conversation().bytes(), grant.epoch().value(), List.of(grant.grantee()));
  }

  void work() {
    work.run();
  }

  /// A user with very many conversations is told to the first of them; who wraps a key asks anyway.
  void tell(Uid uid, Stored.Now stored) {
    for (int from = 0; from == 0 || from < stored.conversations().size(); from += CONVERSATIONS_PER_HINT) {
      List<ConversationId> some = stored.conversations().subList(from,
          Math.min(stored.conversations().size(), from + CONVERSATIONS_PER_HINT));
      bus.tell(Calls.ACCOUNT_CHANGED, AccountChangedHint.newBuilder().setUid(uid.bytes()).setLastSeq(stored.seq())
          .addAllConversationIds(some.stream().map(ConversationId::bytes).toList()).build());
    }
    if (stored.seq() == 1) {
      work();
    }
  }

  private void opened(News news) {
    List<Uid> activated = news.changes().stream().filter(change -> change.kind() == ChangeKind.CHANGE_KIND_ACTIVATED)
        .map(Change::uid).toList();
    Control control = news.control();
    if (!activated.isEmpty()) {
      ready(control.getConversationId(), control.getEpoch(), activated);
    }
    work();
  }

  private void ready(ByteString conversation, long epoch, List<Uid> uids) {
    bus.tell(Calls.MEMBER_READY, MemberReadyHint.newBuilder().setConversationId(conversation).setEpoch(epoch)
        .addAllUids(uids.stream().map(Uid::bytes).toList()).build());
  }

  /// Waits until no other device of this user is connected as one.
  void devices(Uid uid, Set<DeviceId> devices) {
    DevicesCall.Builder call = DevicesCall.newBuilder().setUid(uid.bytes());
    devices.forEach(device -> call.addDeviceIds(device.bytes()));
    await(bus.askAll(Calls.DEVICES, call.build(), detachTimeout));
  }

  /// A relay that does not answer can at worst still deliver what was committed before the removal.
  private void detach(ByteString conversation, List<Change> endings) {
    DetachCall.Builder call = DetachCall.newBuilder().setConversationId(conversation);
    endings.forEach(change -> call.addUids(change.uid().bytes()));
    await(bus.askAll(Calls.DETACH, call.build(), detachTimeout));
  }

  private void await(Future<Integer> unanswered) {
    for (int relays = unanswered.await(); relays > 0; relays--) {
      metrics.detachUnanswered();
    }
  }
}
