// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.client.Receipt;
import io.e2relay.client.RefusedException;
import io.e2relay.client.crypto.ChainPlace;
import io.e2relay.client.crypto.MessageMaker;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.MsgId;
import io.e2relay.protocol.record.Envelope;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.MessageHeader;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Entry;
import io.e2relay.protocol.wire.Fetch;
import io.e2relay.protocol.wire.Message;
import io.e2relay.protocol.wire.Page;
import io.e2relay.protocol.wire.Send;
import io.e2relay.protocol.wire.Sent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// This device's messages in a conversation: one after the other, each with the number after the one before. A message
/// is in the vault before it leaves, and what became of it is known before the next is sealed; so no number is ever
/// used for two.
final class Outgoing {
  private final Station station;
  private final ConversationId id;
  private final EpochBook book;
  private final Keyring keyring;
  private final Rotation rotation;
  private final ReentrantLock lock = new ReentrantLock();
  private ChainPlace place = ChainPlace.FIRST;
  private Optional<Pending> pending = Optional.empty();

  /// On its way, or perhaps stored already. What is not wanted any more is only to be settled.
  private record Pending(MsgId msgId, ByteString content, Envelope envelope, boolean wanted) {
    Pending wanted(boolean still) {
      return new Pending(msgId, content, envelope, still);
    }
  }

  Outgoing(Station station, ConversationId id, EpochBook book, Keyring keyring, Rotation rotation) {
    this.station = station;
    this.id = id;
    this.book = book;
    this.keyring = keyring;
    this.rotation = rotation;
    station.vault().get(key()).map(Packed::values)
        .ifPresent(chain -> place = new ChainPlace(Packed.number(chain.getFirst()), new Hash(chain.get(1))));
    pending = station.vault().get(passingKey()).map(Packed::values).map(Outgoing::remembered);
  }

  /// Returns when the message is durable. A BlockedException, or a RefusedException for good, says that it will not be;
  /// after any other the same message may be sent again, and is stored once.
  Receipt send(MsgId msgId, ByteString content) {
    return locked(() -> {
      book.requireBelieved();
      Optional<Receipt> known = settle(msgId);
      return known.isPresent() ? known.get() : transmit(new Pending(msgId, content, seal(msgId, content), true));
    });
  }

  /// Finds out what became of a message whose answer did not come.
  void settle() {
    locked(() -> settle(MessageMaker.newId()));
  }

  /// The receipt, if it is the one asked for.
  private Optional<Receipt> settle(MsgId asked) {
    if (pending.isEmpty()) {
      return Optional.empty();
    }
    Pending before = pending.get();
    boolean same = before.msgId().equals(asked);
    try {
      Receipt receipt = transmit(before.wanted(before.wanted() || same));
      return same ? Optional.of(receipt) : Optional.empty();
    } catch (RefusedException e) {
      if (same || pending.isPresent()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /// A message of this very device came from the log. One that this device knows nothing of was made by another that
  /// has its keys, or before the vault was set back: its number is taken.
  void seen(Envelope envelope) {
    MessageHeader header = envelope.header();
    if (!header.uid().equals(station.own().uid()) || !header.device().equals(station.own().keys().device())) {
      return;
    }
    locked(() -> {
      boolean expected = pending.filter(one -> one.msgId().equals(header.msgId())).isPresent();
      if (!expected && header.seq() >= place.seq()) {
        station.alarms().raise(new Alarm.ClonedDevice(id, header.uid(), header.device()));
        write(ChainPlace.after(envelope), pending);
      }
      return place;
    });
  }

  private Receipt transmit(Pending message) {
    Pending current = message;
    Patience patience = new Patience();
    while (true) {
      write(place, Optional.of(current));
      try {
        return settled(current, station.ask(frame(current.envelope())).getSent());
      } catch (RefusedException e) {
        if (e.is(ErrorCode.DUPLICATE_DIFFERS)) {
          return stored(current).orElseThrow(() -> e);
        }
        if (isUnknown(e)) {
          write(place, Optional.of(current.wanted(false)));
          throw e;
        }
        if (!current.wanted() || !isCurable(e) || !patience.again()) {
          write(place, Optional.empty());
          throw e;
        }
        current = cured(current, e);
      }
    }
  }

  /// The same message, as it can be sent now: with the same name and number, sealed anew.
  private Pending cured(Pending message, RefusedException refused) {
    try {
      if (refused.is(ErrorCode.OUT_OF_ORDER)) {
        return message;
      }
      if (refused.is(ErrorCode.STALE_EPOCH)) {
        book.refresh();
      } else {
        rotation.rotate(Rotation.Wish.open());
      }
      book.requireBelieved();
      return new Pending(message.msgId(), message.content(), seal(message.msgId(), message.content()), true);
    } catch (RuntimeException e) {
      // It was refused, so it is not stored, and nobody waits for it any more.
      write(place, Optional.empty());
      throw e;
    }
  }

  private static boolean isCurable(RefusedException refused) {
    return refused.is(ErrorCode.STALE_EPOCH) || refused.is(ErrorCode.EPOCH_CLOSED)
        || refused.is(ErrorCode.OUT_OF_ORDER);
  }

  /// These are the answers that say that the message is not stored. All others leave it open whether an earlier try
  /// was.
  private static boolean isUnknown(RefusedException refused) {
    return !(isCurable(refused) || refused.is(ErrorCode.PLAINTEXT_REJECTED) || refused.is(ErrorCode.TOO_LARGE)
        || refused.is(ErrorCode.MALFORMED) || refused.is(ErrorCode.RECORD_REFUSED) || refused.is(ErrorCode.UPGRADED));
  }

  private Envelope seal(MsgId msgId, ByteString content) {
    // Others may open the next epoch at any moment: what is looked at is what is sealed for.
    EpochRecord epoch = book.current();
    rotation.requireConfirmed(epoch);
    SymmetricKey key = keyring.required(epoch.statement().epoch());
    long ttlS = book.chain().genesis().statement().initialTtlS();
    return new MessageMaker(station.own().uid(), station.own().keys(), epoch, key).content(place, msgId, ttlS, content);
  }

  private Receipt settled(Pending message, Sent sent) {
    write(ChainPlace.after(message.envelope()), Optional.empty());
    return new Receipt(sent.getSeq(), sent.getEpoch(), Instant.ofEpochMilli(sent.getReceivedMs()));
  }

  /// The message is there in another form, sealed by an earlier try of which this device knows nothing: that one
  /// counts.
  private Optional<Receipt> stored(Pending message) {
    long after = 0;
    Page page;
    do {
      page = station
          .ask(ClientFrame.newBuilder().setFetch(Fetch.newBuilder().setConversationId(id.bytes()).setAfterSeq(after)))
          .getPage();
      for (Entry entry : page.getEntriesList()) {
        Message one = entry.getMessage();
        if (one.getMsgId().equals(message.msgId().bytes())
            && one.getDeviceId().equals(station.own().keys().device().bytes())
            && Envelope.read(one.getBody()) instanceof Reading.Read<Envelope>(Envelope first)) {
          write(ChainPlace.after(first), Optional.empty());
          return Optional.of(new Receipt(one.getSeq(), one.getEpoch(), Instant.ofEpochMilli(one.getReceivedMs())));
        }
      }
      after = page.getThroughSeq();
    } while (after < page.getLastSeq());
    return Optional.empty();
  }

  private ClientFrame.Builder frame(Envelope envelope) {
    return ClientFrame.newBuilder()
        .setSend(Send.newBuilder().setConversationId(id.bytes()).setMsgId(envelope.header().msgId().bytes())
            .setEpoch(envelope.header().epoch().value()).setBody(envelope.bytes()));
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  private String key() {
    return "conversation/" + Packed.name(id.bytes()) + "/chain";
  }

  private String passingKey() {
    return Vault.PASSING + key();
  }

  private void write(ChainPlace next, Optional<Pending> waiting) {
    ByteString chain = Packed.of(Packed.number(next.seq()), next.prev().bytes());
    Optional<ByteString> passing = waiting
        .map(one -> Packed.of(one.content(), one.envelope().bytes(), Packed.flag(one.wanted())));
    station.vault().write(Map.of(key(), Optional.of(chain), passingKey(), passing));
    place = next;
    pending = waiting;
  }

  private static Pending remembered(List<ByteString> written) {
    return switch (Envelope.read(written.get(1))) {
      case Reading.Read<Envelope>(Envelope sealed) ->
        new Pending(sealed.header().msgId(), written.getFirst(), sealed, Packed.flag(written.get(2)));
      case Reading.Unreadable<Envelope>(Fault fault) ->
        throw new IllegalStateException("the vault holds no message: " + fault);
    };
  }
}
