// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.wire.Conversation;
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
        before.forEach(record -> records.put(number(record), record));
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
      if (chain.map(known -> number(known.last())).orElse(0L) < number(made.last())) {
        pin(made, List.of(made.last()));
      }
      return made;
    });
  }

  /// The service says that an epoch begins with the record of this hash.
  void expect(Epoch epoch, Hash named) {
    if (!isOf(epoch, named) && !isOverruled(epoch, named)) {
      // Either it is new, or there are two of them, which then come to light.
      refresh();
      if (!isOf(epoch, named)) {
        throw block(new Alarm.EpochDiffers(id, epoch, record(epoch), named));
      }
    }
  }

  /// Whom the service names at the current epoch, and no member does.
  void compare(Conversation shown) {
    if (chain.filter(known -> number(known.last()) == shown.getEpoch()).isPresent()) {
      shown.getMembersList().stream().map(member -> new Uid(member.getUid())).filter(uid -> entry(uid).isEmpty())
          .forEach(uid -> station.alarms().raise(new Alarm.MemberUnsigned(id, uid)));
    }
  }

  /// The user has looked at it: what was verified counts, and not what the service calls it.
  void overrule(Alarm.EpochDiffers alarm) {
    locked(() -> {
      station.vault().write(Map.of(overruledKey(alarm.epoch(), alarm.named()), Optional.of(Packed.flag(true))));
      blocked = blocked.filter(now -> !now.equals(alarm));
      station.alarms().forget(alarm);
      return alarm;
    });
  }

  private boolean isOf(Epoch epoch, Hash hash) {
    return record(epoch).filter(record -> record.hash().equals(hash)).isPresent();
  }

  private boolean isOverruled(Epoch epoch, Hash named) {
    return station.vault().get(overruledKey(epoch, named)).isPresent();
  }

  private String overruledKey(Epoch epoch, Hash named) {
    return "conversation/" + Packed.name(id.bytes()) + "/overruled/" + epoch.value() + "/" + Packed.name(named.bytes());
  }

  private void pin(EpochChain longer, List<EpochRecord> fresh) {
    long before = chain.map(known -> number(known.last())).orElse(0L);
    if (chain.filter(longer::equals).isEmpty()) {
      station.vault().write(Map.of(key(id), Optional.of(Packed.of(longer.genesis().bytes(), longer.last().bytes()))));
    }
    know(longer);
    fresh.forEach(record -> records.put(number(record), record));
    fresh.stream().filter(record -> number(record) > before).map(EpochRecord::statement).forEach(this::tell);
  }

  private void tell(EpochStatement begun) {
    if (begun.reason() == EpochReason.RESTARTED) {
      station.alarms().raise(new Alarm.Restarted(id, begun.epoch(), begun.rotator().uid()));
    }
    begun.entry(station.own().uid()).filter(mine -> !mine.active() && !mine.account().equals(AccountKey.NONE))
        .ifPresent(mine -> {
          station.own().refresh();
          if (!wasReset(mine.account())) {
            station.alarms().raise(new Alarm.SeenAsReset(id, begun.epoch()));
          }
        });
  }

  /// Also if it was taken back since.
  private boolean wasReset(AccountKey since) {
    return station.own().records().stream().filter(record -> record.statement().seq() >= since.accountSeq())
        .map(Contact::root).distinct().count() > 1;
  }

  private void know(EpochChain longer) {
    EpochRecord last = longer.last();
    records.put(number(last), last);
    chain = Optional.of(longer);
    station.own().verified(new Head(id, last.statement().epoch(), last.hash()));
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

  private static long number(EpochRecord record) {
    return record.statement().epoch().value();
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
