// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.DeviceChain;
import io.e2relay.client.crypto.MessageOpening;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.EnvelopeCheck;
import io.e2relay.protocol.verify.Verdict;
import io.e2relay.protocol.wire.Message;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads a run of a conversation's log in its order. What is not a sealed message of a member's device, in an epoch of
/// its time, is never handed on.
final class Reader {
  private final Station station;
  private final ConversationId id;
  private final EpochBook book;
  private final Keyring keyring;
  private final Consumer<Envelope> verified;
  private final Map<Sender, DeviceChain> chains = new HashMap<>();
  // Where something was last not there for this user, so that nobody's next message has to be the next.
  private long gapAt;
  private long epoch;

  private record Sender(Uid uid, DeviceId device) {
  }

  /// What came of a message: whose newest it is if it is one, and whether only the key is missing.
  record Result(Optional<EncryptedMessage> message, Optional<Heard> heard, boolean keyMissing) {
    static final Result NOTHING = new Result(Optional.empty(), Optional.empty(), false);
  }

  /// Every message whose sender is verified is shown there first, whether or not it opens.
  Reader(Station station, ConversationId id, EpochBook book, Keyring keyring, Consumer<Envelope> verified) {
    this.station = station;
    this.id = id;
    this.book = book;
    this.keyring = keyring;
    this.verified = verified;
    this.gapAt = Bookmark.START.gapAt();
    this.epoch = Bookmark.START.epoch();
  }

  /// The same, going on from there, behind what was heard before.
  Reader behind(Bookmark from, List<Heard> before) {
    gapAt = from.gapAt();
    epoch = from.epoch();
    for (Heard heard : before) {
      DeviceChain chain = DeviceChain.behind(heard.seq(), heard.hash());
      if (gapAt > heard.at()) {
        chain.rebase();
      }
      chains.put(new Sender(heard.uid(), heard.device()), chain);
    }
    return this;
  }

  /// Entries up to this place are gone, or were never this user's.
  void gap(long to) {
    gapAt = Math.max(gapAt, to);
    chains.values().forEach(DeviceChain::rebase);
  }

  long gapAt() {
    return gapAt;
  }

  long epoch() {
    return epoch;
  }

  /// From here on nothing belongs to an epoch before.
  void epoch(Epoch begun) {
    epoch = Math.max(epoch, begun.value());
  }

  Result read(Message message) {
    return switch (Envelope.read(message.getBody())) {
      case Reading.Unreadable<Envelope>(Fault fault) -> refused(message, fault);
      case Reading.Read<Envelope>(Envelope envelope) -> read(message, envelope);
    };
  }

  private Result read(Message message, Envelope envelope) {
    MessageHeader header = envelope.header();
    if (!header.conversation().equals(id) || header.seq() == 0) {
      return refused(message, Fault.WRONG_CONTEXT);
    }
    if (header.epoch().value() < epoch) {
      // It was stored behind the end of its epoch: whoever was removed since may have written it.
      return refused(message, Fault.ROLLED_BACK);
    }
    Optional<EpochRecord> record = record(header.epoch());
    if (record.isEmpty()) {
      return refused(message, Fault.WRONG_CONTEXT);
    }
    if (verify(envelope, record.get()) instanceof Verdict.Invalid(Fault fault)) {
      return refused(message, fault);
    }
    epoch(header.epoch());
    verified.accept(envelope);
    // All that may fail and be tried again comes before the chain, which takes a message once.
    Optional<SymmetricKey> key = keyring.key(header.epoch());
    Sender sender = new Sender(header.uid(), header.device());
    if (!chained(message, envelope, sender)) {
      return Result.NOTHING;
    }
    Optional<Heard> newest = chain(sender).seq() == header.seq()
        ? Optional.of(new Heard(header.uid(), header.device(), message.getSeq(), header.seq(), envelope.hash()))
        : Optional.empty();
    return new Result(key.flatMap(found -> open(message, envelope, record.get(), found)), newest, key.isEmpty());
  }

  private Optional<EpochRecord> record(Epoch wanted) {
    if (wanted.value() > book.epoch().value()) {
      book.refresh();
    }
    return book.record(wanted);
  }

  private Verdict verify(Envelope envelope, EpochRecord record) {
    Uid sender = envelope.header().uid();
    record.statement().entry(sender).filter(RosterEntry::active)
        .ifPresent(entry -> station.contacts().know(Map.of(sender, entry.account().accountSeq())));
    Verdict verdict = EnvelopeCheck.verify(envelope, record, station.contacts());
    if (verdict instanceof Verdict.Invalid(Fault fault) && fault == Fault.NOT_A_SIGNER) {
      // It may be a device that is newer than what this one knows.
      station.contacts().look(List.of(sender));
      return EnvelopeCheck.verify(envelope, record, station.contacts());
    }
    return verdict;
  }

  private DeviceChain chain(Sender sender) {
    return chains.computeIfAbsent(sender, _ -> {
      DeviceChain fresh = new DeviceChain();
      if (gapAt > 0) {
        fresh.rebase();
      }
      return fresh;
    });
  }

  private boolean chained(Message message, Envelope envelope, Sender sender) {
    MessageHeader header = envelope.header();
    return switch (chain(sender).receive(envelope)) {
      case Reading.Read<Long>(Long missing) -> {
        if (missing > 0) {
          station.alarms().raise(new Alarm.MessagesMissing(id, header.uid(), header.device(), missing));
        }
        yield true;
      }
      case Reading.Unreadable<Long>(Fault fault) when fault == Fault.CLONED_DEVICE -> {
        station.alarms().raise(new Alarm.ClonedDevice(id, header.uid(), header.device()));
        yield false;
      }
      case Reading.Unreadable<Long>(Fault fault) -> {
        station.alarms().raise(new Alarm.MessageRefused(id, message.getSeq(), fault));
        yield fault == Fault.OUT_OF_ORDER;
      }
    };
  }

  private Optional<EncryptedMessage> open(Message message, Envelope envelope, EpochRecord record, SymmetricKey key) {
    MessageHeader header = envelope.header();
    return switch (new MessageOpening(record, key).open(envelope, station.contacts())) {
      case Reading.Unreadable<MessageOpening.Message>(Fault fault) -> {
        alarm(message, fault);
        yield Optional.empty();
      }
      case Reading.Read<MessageOpening.Message>(MessageOpening.Message.Content(ByteString content)) ->
        Optional.of(new EncryptedMessage(id, message.getSeq(), header.epoch(), header.uid(), header.device(),
            header.msgId(), envelope.hash(), Instant.ofEpochMilli(message.getReceivedMs()), content));
      // A tombstone takes something back that the service has erased already.
      case Reading.Read<MessageOpening.Message> _ -> Optional.empty();
    };
  }

  private Result refused(Message message, Fault fault) {
    alarm(message, fault);
    return Result.NOTHING;
  }

  private void alarm(Message message, Fault fault) {
    station.alarms().raise(new Alarm.MessageRefused(id, message.getSeq(), fault));
  }
}
