// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import io.e2relay.protocol.id.ConversationId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.Head;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.verify.EpochChain;
import io.e2relay.protocol.verify.Verdict;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.Epochs;
import io.e2relay.protocol.wire.GetEpochs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Goes through a conversation's records as the service shows them, and verifies each on the way. Ends with a
/// BlockedException at the first that is not to be believed.
final class EpochWalk {
  private final Station station;
  private final ConversationId id;

  EpochWalk(Station station, ConversationId id) {
    this.station = station;
    this.id = id;
  }

  /// On from a verified place, or from the genesis, to the newest record; the records on the way are put into the list.
  /// What another device of the user's has verified is there too: as far as it was known before the service was asked,
  /// for what it verifies meanwhile is perhaps newer than the answer.
  EpochChain on(Optional<EpochChain> from, List<EpochRecord> passed) {
    Optional<Head> verified = station.own().head(id);
    // The last one is asked for again, so that another one in its place shows itself.
    long after = from.map(known -> number(known.last()) - 1).orElse(0L);
    Optional<EpochChain> at = from;
    Epochs page;
    do {
      page = ask(after, from);
      at = Optional.of(page(at, page, after, passed));
      after = number(at.get().last());
    } while (page.getMore());
    verified.ifPresent(head -> requireHead(head, passed));
    return at.get();
  }

  private void requireHead(Head head, List<EpochRecord> passed) {
    Epoch newest = passed.getLast().statement().epoch();
    if (newest.value() < head.epoch().value()) {
      throw new BlockedException(new Alarm.RolledBack(id, head.epoch(), newest));
    }
    for (EpochRecord record : passed) {
      if (record.statement().epoch().equals(head.epoch()) && !record.hash().equals(head.hash())) {
        throw new BlockedException(new Alarm.HeadDiffers(head, record));
      }
    }
  }

  /// From the genesis to a place that was verified before.
  List<EpochRecord> upTo(EpochChain known) {
    List<EpochRecord> passed = new ArrayList<>();
    Optional<EpochChain> at = Optional.empty();
    long after = 0;
    while (after < number(known.last())) {
      at = Optional.of(page(at, ask(after, Optional.of(known)), after, passed));
      after = number(at.get().last());
    }
    for (EpochRecord record : passed) {
      if (number(record) == number(known.last()) && !record.hash().equals(known.last().hash())) {
        throw new BlockedException(new Alarm.Forked(id, known.last(), record));
      }
    }
    return passed;
  }

  private Epochs ask(long after, Optional<EpochChain> pinned) {
    Epochs page = station.ask(ClientFrame.newBuilder()
        .setGetEpochs(GetEpochs.newBuilder().setConversationId(id.bytes()).setAfterEpoch(after))).getEpochs();
    pinned.filter(known -> page.getCurrentEpoch() < number(known.last())).ifPresent(known -> {
      throw new BlockedException(
          new Alarm.RolledBack(id, known.last().statement().epoch(), new Epoch(Math.max(1, page.getCurrentEpoch()))));
    });
    return page;
  }

  /// Every page leads on: one that does not would be asked for for ever.
  private EpochChain page(Optional<EpochChain> from, Epochs page, long after, List<EpochRecord> passed) {
    List<EpochRecord> shown = page.getRecordsList().stream().map(bytes -> value(EpochRecord.read(bytes))).toList();
    if (shown.isEmpty()) {
      throw refused(Fault.TRUNCATED);
    }
    station.contacts().know(signers(shown));
    Optional<EpochChain> at = from;
    Optional<Genesis> genesis = from.isPresent() ? Optional.empty() : Optional.of(genesis(page));
    for (EpochRecord record : shown) {
      EpochChain next = next(at, genesis, record);
      at = Optional.of(next);
      passed.add(record);
    }
    return at.filter(longer -> number(longer.last()) > after).orElseThrow(() -> refused(Fault.TRUNCATED));
  }

  private Genesis genesis(Epochs page) {
    Genesis genesis = value(Genesis.read(page.getGenesis()));
    if (!genesis.statement().conversation().equals(id)
        || !genesis.statement().tenant().equals(station.own().tenant())) {
      throw refused(Fault.WRONG_CONTEXT);
    }
    Signer creator = genesis.statement().creator();
    station.contacts().know(Map.of(creator.uid(), creator.accountSeq()));
    if (EpochChain.genesis(genesis, station.contacts()) instanceof Verdict.Invalid(Fault fault)) {
      throw refused(fault);
    }
    return genesis;
  }

  private EpochChain next(Optional<EpochChain> at, Optional<Genesis> genesis, EpochRecord record) {
    Reading<EpochChain> next = follow(at, genesis, record);
    if (next instanceof Reading.Unreadable<EpochChain>(Fault fault) && fault == Fault.NOT_A_SIGNER) {
      // Whoever signed, or was reset, may have newer records than this device knows.
      List<Uid> whom = new ArrayList<>(List.of(record.statement().rotator().uid()));
      at.ifPresent(before -> before.last().statement().roster().stream()
          .filter(_ -> record.statement().reason() == EpochReason.RESTARTED).map(RosterEntry::uid).forEach(whom::add));
      station.contacts().look(whom);
      next = follow(at, genesis, record);
    }
    return switch (next) {
      case Reading.Read<EpochChain>(EpochChain chain) -> chain;
      case Reading.Unreadable<EpochChain>(Fault fault) when fault == Fault.FORKED && at.isPresent() ->
        throw new BlockedException(new Alarm.Forked(id, at.get().last(), record));
      case Reading.Unreadable<EpochChain>(Fault fault) -> throw refused(fault);
    };
  }

  private Reading<EpochChain> follow(Optional<EpochChain> at, Optional<Genesis> genesis, EpochRecord record) {
    return at.map(before -> before.next(record, station.contacts()))
        .orElseGet(() -> EpochChain.from(genesis.orElseThrow(), record, station.contacts()));
  }

  /// Who signed these records, by which of their accounts' records.
  private static Map<Uid, Long> signers(List<EpochRecord> shown) {
    Map<Uid, Long> signers = new HashMap<>();
    for (EpochRecord record : shown) {
      Signer rotator = record.statement().rotator();
      signers.merge(rotator.uid(), rotator.accountSeq(), Math::max);
    }
    return signers;
  }

  private static long number(EpochRecord record) {
    return record.statement().epoch().value();
  }

  private <T> T value(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) -> throw refused(fault);
    };
  }

  private BlockedException refused(Fault fault) {
    return new BlockedException(new Alarm.RecordRefused(id, fault));
  }
}
