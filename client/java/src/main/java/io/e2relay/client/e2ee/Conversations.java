// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.DisconnectedException;
import io.e2relay.client.RefusedException;
import io.e2relay.client.SealedListener;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Policy;
import io.e2relay.protocol.record.RewrapPolicy;
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
  private final Deliveries deliveries = new Deliveries();
  private final Listening listening = new Listening();
  private final WrapDuty duty;
  private final Founding founding;
  private volatile Consumer<EncryptedConversation> onChange = _ -> {
  };
  private volatile boolean closed;

  Conversations(Own own, Vault vault, AlarmBell alarms, Timing timing) {
    this.station = new Station(own, vault, new Contacts(own, vault, alarms), alarms, timing, InstantSource.system());
    this.duty = new WrapDuty(station, this::get);
    this.founding = new Founding(station, this::get);
    vault.keys("conversation/").stream().filter(key -> key.endsWith("/book")).map(key -> key.split("/")[1])
        .forEach(name -> get(new ConversationId(ByteString.fromHex(name))));
  }

  void start() {
    duty.start();
    station.own().listen(listening, frame -> Thread.ofVirtual().name("e2relay-news").start(() -> news(frame)));
  }

  /// Every message of every encrypted conversation that this user can read, from the first on, once and in each
  /// conversation's order; those that came before this call come first.
  public void onMessage(Consumer<EncryptedMessage> handler) {
    deliveries.handler(handler);
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

  /// An open conversation goes on as an encrypted one, with the same members, for good.
  public EncryptedConversation upgrade(ConversationId open, Policy policy) {
    return founding.upgrade(open, policy);
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
    duty.close();
    deliveries.close();
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
        station.contacts().changed(new Uid(frame.getAccountChanged().getUid()), frame.getAccountChanged().getLastSeq());
      } else if (frame.hasWrapJobsWaiting()) {
        duty.wake();
      } else if (frame.hasMemberReady()) {
        get(new ConversationId(frame.getMemberReady().getConversationId())).presence().ready();
      } else if (frame.hasMemberRemoved()) {
        removed(new ConversationId(frame.getMemberRemoved().getConversationId()));
      } else if (frame.hasConversationChanged()) {
        shown(station.shown(new ConversationId(frame.getConversationChanged().getConversationId())));
      }
    } catch (RefusedException | DisconnectedException | BlockedException _) {
      // After a break there is a Welcome, and everything is asked again; an alarm was raised if it is one.
    }
  }

  private void removed(ConversationId id) {
    EncryptedConversation conversation = known.get(id);
    if (conversation != null) {
      conversation.presence().gone();
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

  private static void settle(EncryptedConversation conversation) {
    try {
      conversation.outgoing().settle();
    } catch (BlockedException | RefusedException _) {
      // Before the next message it is tried again.
    }
  }

  private void shown(Conversation one) {
    ConversationId id = new ConversationId(one.getConversationId());
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
          waiting = e.advice() == Advice.ADVICE_RETRY && Patience.upTo(AGAIN_MS);
        } catch (DisconnectedException _) {
          waiting = Patience.upTo(AGAIN_MS);
        }
      }
    }

    private boolean isOwn(Alarm alarm) {
      return alarm instanceof Alarm.OfAccount about && about.uid().equals(station.own().uid());
    }

    @Override
    public void message(EncryptedMessage message) {
      try {
        deliveries.put(message);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
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
