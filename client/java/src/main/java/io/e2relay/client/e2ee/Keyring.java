// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.client.crypto.EpochOpening;
import io.e2relay.client.crypto.Opening;
import io.e2relay.client.crypto.SymmetricKey;
import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.GrantCheck;
import io.e2relay.protocol.verify.Verdict;
import io.e2relay.protocol.wire.BadWrap;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.GetWraps;
import io.e2relay.protocol.wire.KeyWrap;
import io.e2relay.protocol.wire.Wraps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// The keys of a conversation's epochs, in memory only. Each is the one to which its record commits, whoever wrapped
/// it; one that is not raises an alarm, and somebody is asked for another.
final class Keyring {
  private final Station station;
  private final ConversationId id;
  private final EpochBook book;
  private final ReentrantLock lock = new ReentrantLock();
  private final NavigableMap<Long, SymmetricKey> keys = new TreeMap<>();
  private final Map<Long, List<KeyWrap>> wraps = new HashMap<>();
  private final Map<Long, Alarm> problems = new HashMap<>();
  private final Set<Long> complained = new HashSet<>();
  private final Set<Long> refreshed = new HashSet<>();
  // The epochs from this one up to that one have been asked for.
  private long askedFrom = Long.MAX_VALUE;
  private long askedTo;

  Keyring(Station station, ConversationId id, EpochBook book) {
    this.station = station;
    this.id = id;
    this.book = book;
  }

  /// The key of an epoch whose record is verified, if this user has it.
  Optional<SymmetricKey> key(Epoch epoch) {
    lock.lock();
    try {
      if (!keys.containsKey(epoch.value())) {
        book.record(epoch).ifPresent(this::find);
      }
      return Optional.ofNullable(keys.get(epoch.value()));
    } finally {
      lock.unlock();
    }
  }

  /// The key of an epoch; a BlockedException says why it is not there.
  SymmetricKey required(Epoch epoch) {
    return key(epoch)
        .orElseThrow(() -> new BlockedException(problem(epoch).orElseGet(() -> new Alarm.KeyMissing(id, epoch))));
  }

  /// What is wrong with the key that came, if something is.
  Optional<Alarm> problem(Epoch epoch) {
    lock.lock();
    try {
      return Optional.ofNullable(problems.get(epoch.value()));
    } finally {
      lock.unlock();
    }
  }

  void put(Epoch epoch, SymmetricKey key) {
    lock.lock();
    try {
      keys.put(epoch.value(), key);
      problems.remove(epoch.value());
    } finally {
      lock.unlock();
    }
  }

  /// Somebody may have given keys meanwhile: what was missing is asked for again.
  void askAgain() {
    lock.lock();
    try {
      wraps.clear();
      complained.clear();
      refreshed.clear();
      askedFrom = Long.MAX_VALUE;
      askedTo = 0;
    } finally {
      lock.unlock();
    }
  }

  private void find(EpochRecord record) {
    Epoch epoch = record.statement().epoch();
    Optional<RosterEntry> mine = record.statement().entry(station.own().uid()).filter(RosterEntry::active);
    mine.ifPresent(entry -> knowOwn(epoch, entry.account()));
    for (KeyWrap wrap : wraps(epoch)) {
      if (!keys.containsKey(epoch.value())) {
        took(record, open(record, wrap));
      }
    }
    if (!keys.containsKey(epoch.value()) && book.fullHistory()) {
      goBackTo(epoch);
    }
    if (keys.containsKey(epoch.value())) {
      problems.remove(epoch.value());
    } else if (mine.isPresent()) {
      complain(epoch, mine.get().account());
    }
  }

  /// Another device of the user's may have made the record that the roster names.
  private void knowOwn(Epoch epoch, AccountKey account) {
    boolean known = station.own().hashes().contains(account.accountHash())
        && station.own().keys().generations().containsKey(account.aekGen());
    if (!known && refreshed.add(epoch.value())) {
      station.own().refresh();
    }
  }

  private void took(EpochRecord record, Opening opening) {
    Epoch epoch = record.statement().epoch();
    switch (opening) {
      case Opening.Opened(SymmetricKey key) -> keys.put(epoch.value(), key);
      case Opening.Refused(Fault fault, var evidence) -> {
        Alarm alarm = fault == Fault.GHOST_KEY
            ? new Alarm.GhostKey(id, record)
            : new Alarm.BadKey(id, epoch, fault, evidence);
        problems.put(epoch.value(), alarm);
      }
    }
  }

  private Opening open(EpochRecord record, KeyWrap wrap) {
    if (wrap.getGrant().isEmpty()) {
      return station.opening().open(record, wrap.getWrap());
    }
    return switch (Grant.read(wrap.getGrant())) {
      case Reading.Unreadable<Grant>(Fault fault) -> new Opening.Refused(fault, Optional.empty());
      case Reading.Read<Grant>(Grant grant) -> {
        var granter = grant.statement().granter();
        station.contacts().know(Map.of(granter.uid(), granter.accountSeq()));
        yield GrantCheck.verify(grant, record, book.current(), station.contacts()) instanceof Verdict.Invalid(Fault f)
            ? new Opening.Refused(f, Optional.empty())
            : station.opening().open(grant, record, wrap.getWrap());
      }
    };
  }

  /// From the nearest later epoch whose key is there, or from the current one.
  private void goBackTo(Epoch epoch) {
    Map.Entry<Long, SymmetricKey> later = keys.higherEntry(epoch.value());
    if (later == null && epoch.value() < book.epoch().value()) {
      find(book.current());
      later = keys.higherEntry(epoch.value());
    }
    if (later == null) {
      return;
    }
    List<EpochRecord> between = book.records(epoch, new Epoch(later.getKey()));
    List<Opening> found = EpochOpening.history(between, later.getValue());
    for (int i = 0; i < found.size(); i++) {
      took(between.get(between.size() - 2 - i), found.get(i));
    }
  }

  /// The alarm is for a key that is wrong. One for keys that this device lost is only asked for again.
  private void complain(Epoch epoch, AccountKey wrappedTo) {
    if (!complained.add(epoch.value())) {
      return;
    }
    boolean mine = station.own().keys().generations().containsKey(wrappedTo.aekGen());
    if (mine || problems.get(epoch.value()) instanceof Alarm.GhostKey) {
      station.alarms().raise(problems.computeIfAbsent(epoch.value(), _ -> new Alarm.KeyMissing(id, epoch)));
    }
    station.tell(ClientFrame.newBuilder()
        .setBadWrap(BadWrap.newBuilder().setConversationId(id.bytes()).setEpoch(epoch.value())));
  }

  private List<KeyWrap> wraps(Epoch epoch) {
    if (epoch.value() < askedFrom || epoch.value() > askedTo) {
      long current = book.epoch().value();
      // No epoch between two askings is left out.
      long after = epoch.value() > askedTo && askedTo > 0 ? askedTo : epoch.value() - 1;
      askedFrom = Math.min(askedFrom, epoch.value());
      Wraps page;
      do {
        page = station.ask(ClientFrame.newBuilder()
            .setGetWraps(GetWraps.newBuilder().setConversationId(id.bytes()).setAfterEpoch(after))).getWraps();
        Map<Long, List<KeyWrap>> some = new HashMap<>();
        page.getWrapsList().forEach(wrap -> some.computeIfAbsent(wrap.getEpoch(), _ -> new ArrayList<>()).add(wrap));
        wraps.putAll(some);
        after = some.keySet().stream().mapToLong(Long::longValue).max().orElse(after);
      } while (page.getMore() && page.getWrapsCount() > 0);
      askedTo = Math.max(askedTo, current);
    }
    return wraps.getOrDefault(epoch.value(), List.of());
  }
}
