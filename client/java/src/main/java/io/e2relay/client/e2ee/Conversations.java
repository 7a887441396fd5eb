// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.DisconnectedException;
import io.e2relay.client.RefusedException;
import io.e2relay.client.SealedListener;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
import io.e2relay.protocol.wire.AccountChanged;
import io.e2relay.protocol.wire.Advice;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.ConversationPage;
import io.e2relay.protocol.wire.ListConversations;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.TrustLevel;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The encrypted conversations of a device, and all that it does for them by itself. What is encrypted once is so for
/// good: nothing plain ever comes out here.
public final class Conversations {
  /// Whoever is in may add others, who read from then on; who lost all keys gets the old ones again.
  public static final Policy USUAL = new Policy(HistoryPolicy.FROM_JOIN, AddPolicy.ANY_MEMBER, RewrapPolicy.HISTORY);

  private static final long AGAIN_MS = 1_000;

  private final Station station;
  private final Map<ConversationId, EncryptedConversation> known = new ConcurrentHashMap<>();
  private final Deliveries deliveries;
  private final Listening listening = new Listening();
  private final WrapDuty duty;
  private final Founding founding;
  private volatile Consumer<EncryptedConversation> onChange = _ -> {
  };
  private volatile boolean lookingBack;
  private volatile boolean closed;

  Conversations(Own own, Vault vault, AlarmBell alarms, Timing timing) {
    Bookmarks bookmarks = new Bookmarks(vault);
    this.station = new Station(own, vault, new Contacts(own, vault, alarms), alarms, timing, InstantSource.system(),
        bookmarks);
    this.deliveries = new Deliveries(bookmarks, this::catchUp);
    this.duty = new WrapDuty(station, this::get, this::all);
    station.contacts().onConfirmed(duty::wake);
    this.founding = new Founding(station, this::get);
    vault.keys("conversation/").stream().filter(key -> key.endsWith("/book")).map(key -> key.split("/")[1])
        .forEach(name -> get(new ConversationId(ByteString.fromHex(name))));
  }

  void start() {
    duty.start();
    station.own().listen(listening, frame -> Thread.ofVirtual().name("e2relay-news").start(() -> news(frame)));
  }

  /// Every message of every encrypted conversation that this user can read, once and in each conversation's order. A
  /// message counts as handled when the handler has returned, whether or not it threw; a device that is switched on
  /// again goes on behind the last one that was. Only if it was killed some of the last 64 come once more. What was
  /// handled is in [EncryptedConversation#history(long)].
  public void onMessage(Consumer<EncryptedMessage> handler) {
    deliveries.handler(handler);
  }

  /// Called when messages that were passed over, because a key or the right to read them was missing, can be read now:
  /// at least once. Comes on the same thread as the messages, and only while there is a handler for those.
  public void onReadable(Consumer<NowReadable> handler) {
    deliveries.found(handler);
    lookingBack = true;
    Thread.ofVirtual().name("e2relay-looking-back")
        .start(() -> known.values().forEach(conversation -> quietly(conversation.presence()::lookBack)));
  }

  /// Called when a conversation's state became another one, or more of its history can be read. Must not wait.
  public void onChange(Consumer<EncryptedConversation> handler) {
    onChange = handler;
  }

  /// Who the others are, and whether that was compared.
  public Contacts contacts() {
    return station.contacts();
  }

  /// The conversation of these two. There is one: if the other was faster, it is theirs.
  public EncryptedConversation direct(Uid other) {
    return founding.direct(other);
  }

  /// A new conversation with these users, of which this user is the admin. Who has no account yet gets the key later.
  public EncryptedConversation group(Uid... members) {
    return group(USUAL, members);
  }

  public EncryptedConversation group(Policy policy, Uid... members) {
    return founding.group(policy, List.of(members));
  }

  /// An open conversation goes on as an encrypted one, for good, with these members, this user among them: whom the
  /// user saw and confirmed. A BlockedException says that the service's list is another.
  public EncryptedConversation upgrade(ConversationId open, Set<Uid> members, Policy policy) {
    return founding.upgrade(open, members, policy);
  }

  /// The encrypted conversation with this id, whether or not this user is a member: that shows when something is asked.
  public EncryptedConversation get(ConversationId id) {
    return known.computeIfAbsent(id, _ -> new EncryptedConversation(station, id, listening));
  }

  /// Those in which this user is.
  public List<EncryptedConversation> all() {
    return known.values().stream().filter(one -> one.book().known() && !(one.state() instanceof ConversationState.Gone))
        .toList();
  }

  /// Nothing more is followed or done.
  void end() {
    closed = true;
    deliveries.close();
    duty.close();
  }

  WrapDuty duty() {
    return duty;
  }

  SealedListener listening() {
    return listening;
  }

  private void news(ServerFrame frame) {
    try {
      if (frame.hasWelcome()) {
        duty.wake();
        discover();
      } else if (frame.hasAccountChanged()) {
        AccountChanged changed = frame.getAccountChanged();
        station.ids().uid(changed.getUid()).ifPresent(uid -> station.contacts().changed(uid, changed.getLastSeq()));
      } else if (frame.hasWrapJobsWaiting()) {
        duty.wake();
      } else if (frame.hasMemberReady()) {
        station.ids().conversation(frame.getMemberReady().getConversationId())
            .ifPresent(id -> get(id).presence().ready());
      } else if (frame.hasMemberRemoved()) {
        station.ids().conversation(frame.getMemberRemoved().getConversationId()).ifPresent(this::removed);
      } else if (frame.hasConversationChanged()) {
        station.ids().conversation(frame.getConversationChanged().getConversationId())
            .ifPresent(id -> shown(station.shown(id)));
      }
    } catch (RefusedException | DisconnectedException | BlockedException _) {
      // After a break there is a Welcome, and everything is asked again; an alarm was raised if it is one.
    }
  }

  /// What has ended may be the membership, or only the key of somebody who waits now.
  private void removed(ConversationId id) {
    if (known.containsKey(id)) {
      try {
        shown(id, station.shown(id));
      } catch (RefusedException e) {
        if (!e.is(ErrorCode.NOT_A_MEMBER)) {
          throw e;
        }
        get(id).presence().gone();
      }
    }
  }

  /// After a break anything may have changed, and nobody tells.
  private void discover() {
    known.values().forEach(conversation -> conversation.keyring().askAgain());
    ByteString after = ByteString.EMPTY;
    ConversationPage page;
    do {
      page = station.ask(ClientFrame.newBuilder().setListConversations(ListConversations.newBuilder().setAfter(after)))
          .getConversationPage();
      for (Conversation one : page.getConversationsList()) {
        after = one.getConversationId();
        shown(one);
      }
    } while (page.getMore());
    known.values().forEach(Conversations::settle);
  }

  /// There is room again for what was not taken.
  private void catchUp() {
    known.values().forEach(conversation -> quietly(conversation.presence()::catchUp));
  }

  private static void quietly(Runnable attempt) {
    try {
      attempt.run();
    } catch (BlockedException | RefusedException | DisconnectedException _) {
      // With the next entry, or after the break, it is tried again.
    }
  }

  private static void settle(EncryptedConversation conversation) {
    try {
      conversation.outgoing().settle();
      conversation.presence().lookBack();
    } catch (BlockedException | RefusedException _) {
      // Before the next message it is tried again.
    }
  }

  private void shown(Conversation one) {
    station.ids().conversation(one.getConversationId()).ifPresent(id -> shown(id, one));
  }

  private void shown(ConversationId id, Conversation one) {
    if (one.getLevel() == TrustLevel.TRUST_LEVEL_E2EE || known.containsKey(id)) {
      try {
        get(id).presence().shown(one);
      } catch (BlockedException | RefusedException _) {
        get(id).presence().assess();
      }
    }
  }

  /// What comes in encrypted conversations. An entry that cannot be read because the connection broke waits for it.
  private final class Listening implements SealedListener, Presence.Audience {
    @Override
    public boolean remembers(ConversationId conversation) {
      return known.containsKey(conversation);
    }

    @Override
    public void entry(ServerFrame entry) {
      Presence presence = get(conversation(entry)).presence();
      boolean waiting = true;
      while (waiting && !closed) {
        try {
          presence.entry(entry);
          return;
        } catch (BlockedException e) {
          presence.assess();
          // While the account itself is in doubt everything waits. Else only this conversation is not believed now, and
          // what is passed over is read when it is again.
          waiting = isOwn(e.alarm()) && Patience.upTo(AGAIN_MS);
        } catch (IllegalArgumentException _) {
          station.alarms().raise(new Alarm.RecordRefused(conversation(entry), Fault.OUT_OF_RANGE));
          return;
        } catch (RefusedException e) {
          presence.assess();
          // Whoever has no key here waits perhaps for people: the other conversations do not wait for that.
          waiting = e.advice() == Advice.ADVICE_RETRY && !e.is(ErrorCode.MEMBER_PENDING) && Patience.upTo(AGAIN_MS);
        } catch (DisconnectedException _) {
          waiting = Patience.upTo(AGAIN_MS);
        }
      }
    }

    private boolean isOwn(Alarm alarm) {
      return alarm instanceof Alarm.OfAccount about && about.uid().equals(station.own().uid());
    }

    @Override
    public long from(ConversationId conversation) {
      EncryptedConversation there = known.get(conversation);
      return there == null ? 0 : there.presence().start();
    }

    @Override
    public void misnamed(ByteString id) {
      boolean _ = station.ids().conversation(id).isPresent();
    }

    @Override
    public boolean hasRoom() {
      return deliveries.hasRoom();
    }

    @Override
    public void taken(Step step) {
      deliveries.put(step);
    }

    @Override
    public boolean looksBack() {
      return lookingBack;
    }

    @Override
    public void found(NowReadable readable, Ranges where) {
      deliveries.put(readable, where);
    }

    @Override
    public void changed(EncryptedConversation conversation) {
      onChange.accept(conversation);
    }

    private static ConversationId conversation(ServerFrame entry) {
      if (entry.hasMessage()) {
        return new ConversationId(entry.getMessage().getConversationId());
      }
      if (entry.hasControl()) {
        return new ConversationId(entry.getControl().getConversationId());
      }
      return new ConversationId(
          entry.hasGap() ? entry.getGap().getConversationId() : entry.getCaughtUp().getConversationId());
    }
  }
}
