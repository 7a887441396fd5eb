// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.EpochChain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// A conversation's records as far as this device has verified them. It is pinned in the vault, and never goes back
/// behind that: an older or another record in a pinned place is an alarm.
final class EpochBook {
  private final Station station;
  private final ConversationId id;
  private final EpochWalk walk;
  private final ReentrantLock lock = new ReentrantLock();
  private final NavigableMap<Long, EpochRecord> records = new ConcurrentSkipListMap<>();
  private volatile Optional<EpochChain> chain = Optional.empty();
  private volatile Optional<Alarm> blocked = Optional.empty();

  EpochBook(Station station, ConversationId id) {
    this.station = station;
    this.id = id;
    this.walk = new EpochWalk(station, id);
    station.vault().get(key(id)).map(Packed::values)
        .ifPresent(book -> know(new EpochChain(read(Genesis.read(book.getFirst())), record(book.get(1)))));
    station.vault().get(forkKey(id)).map(Packed::values)
        .ifPresent(fork -> blocked = Optional.of(new Alarm.Forked(id, record(fork.getFirst()), record(fork.get(1)))));
  }

  /// Where it is written that a conversation is encrypted, for good.
  static String key(ConversationId id) {
    return "conversation/" + Packed.name(id.bytes()) + "/book";
  }

  private static String forkKey(ConversationId id) {
    return "conversation/" + Packed.name(id.bytes()) + "/fork";
  }

  boolean known() {
    return chain.isPresent();
  }

  EpochChain chain() {
    return chain.orElseThrow(() -> new IllegalStateException("no record was verified yet"));
  }

  EpochRecord current() {
    return chain().last();
  }

  Epoch epoch() {
    return current().statement().epoch();
  }

  boolean fullHistory() {
    return chain().genesis().statement().policy().history() == HistoryPolicy.FULL;
  }

  Optional<RosterEntry> entry(Uid uid) {
    return chain.flatMap(known -> known.last().statement().entry(uid));
  }

  /// Why nothing is believed here any more, or for now.
  Optional<Alarm> blocked() {
    return blocked;
  }

  /// Throws what is wrong, unless the service shows by now what can be believed.
  void requireBelieved() {
    if (blocked.isPresent()) {
      refresh();
    }
  }

  /// The verified record of an epoch up to the current one. Those from before the pin are verified from the genesis on,
  /// and have to lead to the pin.
  Optional<EpochRecord> record(Epoch epoch) {
    if (epoch.value() > epoch().value()) {
      return Optional.empty();
    }
    return locked(() -> {
      if (!records.containsKey(epoch.value())) {
        EpochChain known = chain();
        List<EpochRecord> before = guarded(() -> walk.upTo(known));
        before.forEach(record -> records.put(record.statement().epoch().value(), record));
      }
      return Optional.ofNullable(records.get(epoch.value()));
    });
  }

  /// The verified records from one epoch to another, both included.
  List<EpochRecord> records(Epoch from, Epoch to) {
    return record(from).map(_ -> List.copyOf(records.subMap(from.value(), true, to.value(), true).values()))
        .orElse(List.of());
  }

  /// Verifies what the service has beyond what is known. A BlockedException says what is wrong with it.
  void refresh() {
    locked(() -> {
      blocked.filter(EpochBook::forGood).ifPresent(alarm -> {
        throw block(alarm);
      });
      List<EpochRecord> fresh = new ArrayList<>();
      EpochChain longer = guarded(() -> walk.on(chain, fresh));
      pin(longer, fresh);
      blocked = Optional.empty();
      return longer;
    });
  }

  /// Takes an epoch of our own making, once the service has it.
  void adopt(EpochChain made) {
    locked(() -> {
      // Others may have gone on from it meanwhile.
      if (chain.map(known -> known.last().statement().epoch().value()).orElse(0L) < made.last().statement().epoch()
          .value()) {
        pin(made, List.of(made.last()));
      }
      return made;
    });
  }

  /// The service says that an epoch begins with the record of this hash.
  void expect(Epoch epoch, ByteString hash) {
    if (!isOf(epoch, hash)) {
      // Either it is new, or there are two of them, which then come to light.
      refresh();
      if (!isOf(epoch, hash)) {
        throw block(new Alarm.EpochDiffers(id, epoch));
      }
    }
  }

  private boolean isOf(Epoch epoch, ByteString hash) {
    return record(epoch).filter(record -> record.hash().bytes().equals(hash)).isPresent();
  }

  private void pin(EpochChain longer, List<EpochRecord> fresh) {
    if (chain.filter(longer::equals).isEmpty()) {
      station.vault().write(Map.of(key(id), Optional.of(Packed.of(longer.genesis().bytes(), longer.last().bytes()))));
    }
    know(longer);
    fresh.forEach(record -> records.put(record.statement().epoch().value(), record));
  }

  private void know(EpochChain longer) {
    records.put(longer.last().statement().epoch().value(), longer.last());
    chain = Optional.of(longer);
  }

  private <T> T guarded(Supplier<T> walking) {
    try {
      return walking.get();
    } catch (BlockedException e) {
      throw block(e.alarm());
    }
  }

  /// What is older may be put right; that two things were signed or shown for one place may not.
  private static boolean forGood(Alarm alarm) {
    return alarm instanceof Alarm.Forked || alarm instanceof Alarm.EpochDiffers;
  }

  private BlockedException block(Alarm alarm) {
    if (alarm instanceof Alarm.Forked(_, EpochRecord pinned, EpochRecord shown)) {
      station.vault().write(Map.of(forkKey(id), Optional.of(Packed.of(pinned.bytes(), shown.bytes()))));
    }
    blocked = Optional.of(alarm);
    station.alarms().raise(alarm);
    return new BlockedException(alarm);
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  private static EpochRecord record(ByteString bytes) {
    return read(EpochRecord.read(bytes));
  }

  private static <T> T read(Reading<T> written) {
    return switch (written) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) ->
        throw new IllegalStateException("the vault holds no conversation: " + fault);
    };
  }
}
