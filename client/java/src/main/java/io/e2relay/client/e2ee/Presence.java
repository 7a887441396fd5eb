// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.DisconnectedException;
import io.e2relay.client.RefusedException;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Control;
import io.e2relay.protocol.wire.Conversation;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.GapReason;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.ServerFrame;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// This device's part in a conversation while it is connected: takes what comes, in its order, knows what can be done
/// now, and opens the next epoch when one was closed and nobody else is faster.
final class Presence {
  private final EncryptedConversation conversation;
  private final Station station;
  private final EpochBook book;
  private final Audience audience;
  private final Reader reader;
  private final AtomicBoolean rotating = new AtomicBoolean();
  // Held while the log is read: entries come on one thread, what there was no room for is caught up with on another.
  private final ReentrantLock reading = new ReentrantLock();
  // Held while it is found out what can be done: what one thread found out first is not to be said last.
  private final ReentrantLock assessing = new ReentrantLock();
  private final long start;
  // Up to which place of the log everything was taken, and up to which it is known to go.
  private long read;
  private long known;
  // What the application was told, or is about to be, that it can be read.
  private Ranges found = Ranges.NONE;
  private volatile ConversationState state = ConversationState.PENDING;
  private volatile boolean closed;
  private volatile boolean gone;
  private final AtomicLong inEpoch = new AtomicLong();

  /// Who is told.
  interface Audience {
    /// Whether one more entry can be taken. If not, it says later that there is room again.
    boolean hasRoom();

    void taken(Step step);

    /// Whether anybody wants to know what was passed over and can be read now.
    boolean looksBack();

    /// Messages that were passed over can be read now.
    void found(NowReadable readable, Ranges where);

    void changed(EncryptedConversation conversation);
  }

  Presence(EncryptedConversation conversation, Audience audience) {
    this.conversation = conversation;
    this.station = conversation.station();
    this.book = conversation.book();
    this.audience = audience;
    Bookmark saved = station.bookmarks().of(conversation.id());
    this.start = saved.place();
    this.read = start;
    this.known = start;
    this.inEpoch.set(saved.inEpoch());
    this.reader = new Reader(station, conversation.id(), book, conversation.keyring(), conversation.outgoing()::seen)
        .behind(saved, station.bookmarks().heard(conversation.id()));
  }

  /// From which place on the log is to be read: what comes before was handed on before this device was switched on.
  long start() {
    return start;
  }

  ConversationState state() {
    return state;
  }

  /// The next entry of the log. What was passed over before it, because nothing was believed then or there was no room,
  /// comes first.
  void entry(ServerFrame frame) {
    conversation.open();
    reading.lock();
    try {
      if (frame.hasCaughtUp()) {
        caughtUp(frame.getCaughtUp().getLastSeq());
      } else {
        next(asEntry(frame));
      }
    } finally {
      reading.unlock();
    }
  }

  /// Takes what there was no room for.
  void catchUp() {
    reading.lock();
    try {
      boolean _ = takeUpTo(known);
    } finally {
      reading.unlock();
    }
  }

  private static Entry asEntry(ServerFrame frame) {
    if (frame.hasMessage()) {
      return Entry.newBuilder().setMessage(frame.getMessage()).build();
    }
    return frame.hasGap()
        ? Entry.newBuilder().setGap(frame.getGap()).build()
        : Entry.newBuilder().setControl(frame.getControl()).build();
  }

  private void next(Entry entry) {
    known = Math.max(known, last(entry));
    if (takeUpTo(first(entry) - 1) && audience.hasRoom()) {
      take(entry);
    } else if (entry.hasControl()) {
      // Keys and members do not wait for the application.
      boolean _ = begins(entry.getControl());
    }
  }

  /// A log that ends before what was read was set back, by whoever runs it. What comes in those places is new.
  private void caughtUp(long last) {
    if (last < read) {
      station.alarms().raise(new Alarm.LogCutShort(conversation.id(), read, last));
      read = last;
      known = last;
    }
    boolean _ = takeUpTo(known);
    assess();
  }

  /// Whether all of it is taken.
  private boolean takeUpTo(long to) {
    boolean more = true;
    while (more && read < to) {
      if (!audience.hasRoom()) {
        return false;
      }
      Page page = station
          .ask(ClientFrame.newBuilder().setFetch(
              Fetch.newBuilder().setConversationId(conversation.id().bytes()).setAfterSeq(read).setUptoSeq(to)))
          .getPage();
      for (Entry entry : page.getEntriesList()) {
        if (!audience.hasRoom()) {
          return false;
        }
        take(entry);
      }
      more = page.getThroughSeq() > read || !page.getEntriesList().isEmpty();
      read = Math.max(read, Math.min(to, page.getThroughSeq()));
    }
    return true;
  }

  private void take(Entry entry) {
    if (last(entry) <= read) {
      return;
    }
    Reader.Result result = Reader.Result.NOTHING;
    boolean missed = false;
    switch (entry.getBodyCase()) {
      case MESSAGE -> {
        result = reader.read(entry.getMessage());
        missed = result.keyMissing();
        inEpoch.incrementAndGet();
      }
      case CONTROL -> {
        if (begins(entry.getControl())) {
          reader.epoch(new Epoch(entry.getControl().getEpoch()));
          inEpoch.set(0);
        }
      }
      case GAP -> {
        reader.gap(entry.getGap().getToSeq());
        missed = entry.getGap().getReason() == GapReason.GAP_REASON_NOT_YOURS;
      }
      case BODY_NOT_SET -> {
        // Of a later release.
      }
    }
    read = last(entry);
    Optional<Range> passed = missed ? Optional.of(new Range(first(entry), last(entry))) : Optional.empty();
    audience.taken(new Step(conversation.id(), new Bookmark(read, reader.gapAt(), reader.epoch(), inEpoch.get()),
        result.heard(), passed, result.message()));
  }

  private static long first(Entry entry) {
    return entry.hasGap() ? entry.getGap().getFromSeq() : last(entry);
  }

  private static long last(Entry entry) {
    return entry.hasMessage()
        ? entry.getMessage().getSeq()
        : Math.max(entry.getControl().getSeq(), entry.getGap().getToSeq());
  }

  /// Looks whether what was passed over can be read by now, for whoever wants to know.
  void lookBack() {
    Ranges missed = audience.looksBack() ? station.bookmarks().missed(conversation.id()) : Ranges.NONE;
    for (Range range : missed.all()) {
      Ranges readable = conversation.readable(range);
      reading.lock();
      try {
        Ranges fresh = readable.without(found);
        if (!fresh.all().isEmpty()) {
          found = found.with(fresh);
          audience.found(new NowReadable(conversation, fresh.all().getFirst().from() - 1, fresh.all().getLast().to()),
              fresh);
        }
      } finally {
        reading.unlock();
      }
    }
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
    book.compare(shown);
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
    lookBack();
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
    askAboutReturning();
    if (isAnotherNow()) {
      audience.changed(conversation);
    }
  }

  private boolean isAnotherNow() {
    assessing.lock();
    try {
      ConversationState now = asFarAsKnown();
      boolean another = !now.equals(state);
      state = now;
      return another;
    } finally {
      assessing.unlock();
    }
  }

  private void askAboutReturning() {
    try {
      conversation.askAboutReturning();
    } catch (BlockedException | RefusedException | DisconnectedException _) {
      // With the next news, or after the break.
    }
  }

  private ConversationState asFarAsKnown() {
    try {
      return current();
    } catch (BlockedException e) {
      return ConversationState.by(e.alarm());
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
      return ConversationState.by(book.blocked().get());
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

  /// Takes note of what it says; whether an epoch begins there.
  private boolean begins(Control control) {
    if (control.getEpoch() < 1) {
      return refused(Fault.OUT_OF_RANGE);
    }
    Epoch epoch = new Epoch(control.getEpoch());
    boolean begins = !control.getEpochHash().isEmpty();
    if (begins && control.getEpochHash().size() != Hash.BYTES) {
      return refused(Fault.WRONG_LENGTH);
    }
    if (begins) {
      book.expect(epoch, new Hash(control.getEpochHash()));
    }
    if (epoch.equals(book.epoch())) {
      closed = control.getClosed();
      assess();
      if (closed) {
        openSoon();
      }
    }
    return begins;
  }

  private boolean refused(Fault fault) {
    station.alarms().raise(new Alarm.RecordRefused(conversation.id(), fault));
    return false;
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
