// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.DisconnectedException;
import io.e2relay.client.RefusedException;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// This device's part in a conversation while it is connected: takes what comes, in its order, knows what can be done
/// now, and opens the next epoch when one was closed and nobody else is faster.
final class Presence {
  private final EncryptedConversation conversation;
  private final Station station;
  private final EpochBook book;
  private final Audience audience;
  private final Reader reader;
  private final AtomicBoolean rotating = new AtomicBoolean();
  // Up to which place of the log everything was taken; only the thread that brings the entries knows.
  private long read;
  private volatile ConversationState state = ConversationState.PENDING;
  private volatile boolean closed;
  private volatile boolean gone;
  private final AtomicLong inEpoch = new AtomicLong();

  /// Who is told.
  interface Audience {
    void message(EncryptedMessage message);

    void changed(EncryptedConversation conversation);
  }

  Presence(EncryptedConversation conversation, Audience audience) {
    this.conversation = conversation;
    this.station = conversation.station();
    this.book = conversation.book();
    this.audience = audience;
    this.reader = new Reader(station, conversation.id(), book, conversation.keyring(), conversation.outgoing()::seen);
  }

  ConversationState state() {
    return state;
  }

  /// The next entry of the log. What was passed over before it, because nothing was believed then, comes first.
  void entry(ServerFrame frame) {
    conversation.open();
    if (frame.hasMessage()) {
      after(frame.getMessage().getSeq() - 1, frame.getMessage().getSeq(), () -> message(frame.getMessage()));
    } else if (frame.hasGap()) {
      after(frame.getGap().getFromSeq() - 1, frame.getGap().getToSeq(), reader::gap);
    } else if (frame.hasControl()) {
      after(frame.getControl().getSeq() - 1, frame.getControl().getSeq(), () -> control(frame.getControl()));
    } else {
      assess();
    }
  }

  private void after(long before, long to, Runnable taking) {
    boolean more = true;
    while (more && read < before) {
      long from = read;
      Page page = station
          .ask(ClientFrame.newBuilder().setFetch(
              Fetch.newBuilder().setConversationId(conversation.id().bytes()).setAfterSeq(read).setUptoSeq(before)))
          .getPage();
      for (Entry entry : page.getEntriesList()) {
        switch (entry.getBodyCase()) {
          case MESSAGE -> message(entry.getMessage());
          case CONTROL -> control(entry.getControl());
          case GAP -> reader.gap();
          case BODY_NOT_SET -> {
            // Of a later release.
          }
        }
        read = Math.max(read, place(entry));
      }
      more = page.getThroughSeq() > from;
      read = Math.max(read, page.getThroughSeq());
    }
    taking.run();
    read = Math.max(read, to);
  }

  private static long place(Entry entry) {
    return entry.hasMessage()
        ? entry.getMessage().getSeq()
        : Math.max(entry.getControl().getSeq(), entry.getGap().getToSeq());
  }

  private void message(Message sealed) {
    Optional<EncryptedMessage> message = reader.read(sealed);
    inEpoch.incrementAndGet();
    message.ifPresent(audience::message);
  }

  /// What the service says the conversation is now.
  void shown(Conversation shown) {
    if (shown.getLevel() != TrustLevel.TRUST_LEVEL_E2EE) {
      station.alarms().raise(new Alarm.Downgraded(conversation.id()));
      return;
    }
    gone = shown.getMembersList().stream().noneMatch(member -> member.getUid().equals(station.own().uid().bytes()));
    closed = shown.getClosed();
    if (!gone && (!book.known() || shown.getEpoch() != book.epoch().value())) {
      book.refresh();
    }
    assess();
    if (closed && !gone) {
      openSoon();
    }
  }

  /// Keys are there that were not: of the epoch that is used now, or of older ones.
  void ready() {
    conversation.keyring().askAgain();
    shown(station.shown(conversation.id()));
    audience.changed(conversation);
  }

  void gone() {
    gone = true;
    assess();
  }

  /// This device, or another before it, has opened an epoch.
  void opened() {
    closed = false;
    assess();
  }

  boolean isKeyOld() {
    long ageMs = station.clock().millis() - book.current().statement().createdMs();
    boolean active = book.entry(station.own().uid()).filter(RosterEntry::active).isPresent();
    return active && (ageMs > station.timing().keyAge().toMillis() || inEpoch.get() > station.timing().keyMessages());
  }

  /// Finds out what can be done now, and tells if it is something else than before.
  void assess() {
    ConversationState now = asFarAsKnown();
    if (!now.equals(state)) {
      state = now;
      audience.changed(conversation);
    }
  }

  private ConversationState asFarAsKnown() {
    try {
      return current();
    } catch (BlockedException e) {
      return new ConversationState.Blocked(e.alarm());
    } catch (RefusedException | DisconnectedException _) {
      // Whether there is a key is asked again after the break.
      return state;
    }
  }

  private ConversationState current() {
    Uid me = station.own().uid();
    if (gone) {
      return ConversationState.GONE;
    }
    if (book.blocked().isPresent()) {
      return new ConversationState.Blocked(book.blocked().get());
    }
    if (!book.known() || book.entry(me).filter(RosterEntry::active).isEmpty()) {
      return ConversationState.PENDING;
    }
    if (closed) {
      return ConversationState.CLOSED;
    }
    Epoch epoch = book.epoch();
    return conversation.keyring().key(epoch).isPresent()
        ? ConversationState.READY
        : new ConversationState.Blocked(
            conversation.keyring().problem(epoch).orElseGet(() -> new Alarm.KeyMissing(conversation.id(), epoch)));
  }

  private void control(Control control) {
    if (control.getEpoch() < 1) {
      station.alarms().raise(new Alarm.RecordRefused(conversation.id(), Fault.OUT_OF_RANGE));
      return;
    }
    Epoch epoch = new Epoch(control.getEpoch());
    if (!control.getEpochHash().isEmpty()) {
      book.expect(epoch, control.getEpochHash());
      reader.epoch(epoch);
      inEpoch.set(0);
    }
    if (epoch.equals(book.epoch())) {
      closed = control.getClosed();
      assess();
      if (closed) {
        openSoon();
      }
    }
  }

  /// Not at once, so that not all members do the same: most of them find it done.
  private void openSoon() {
    if (book.known() && book.entry(station.own().uid()).filter(RosterEntry::active).isPresent()
        && rotating.compareAndSet(false, true)) {
      Thread.ofVirtual().name("e2relay-rotation").start(() -> {
        try {
          if (Patience.upTo(station.timing().rotateWithin().toMillis()) && closed && !gone) {
            conversation.rotate(Rotation.Wish.open());
          }
        } catch (RefusedException | DisconnectedException | BlockedException | IllegalArgumentException _) {
          // Somebody else, or this device's next message, opens it.
        } finally {
          rotating.set(false);
        }
      });
    }
  }
}
