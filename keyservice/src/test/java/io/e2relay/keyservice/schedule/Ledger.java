// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.verify.EpochChain;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads the tables when all is over, knowing nothing of how they came to be what they are.
final class Ledger implements Accounts {
  private final Tables tables;
  private final Set<Trouble> troubles = EnumSet.noneOf(Trouble.class);

  private Ledger(Tables tables) {
    this.tables = tables;
  }

  /// What is wrong with them.
  ///
  /// @param signatures whether they are verified too, which takes longer than all the rest
  static Set<Trouble> read(Tables tables, boolean signatures) {
    Ledger ledger = new Ledger(tables);
    ledger.log();
    ledger.chain();
    if (signatures) {
      ledger.signatures();
    }
    ledger.wraps();
    ledger.keys();
    ledger.members();
    ledger.jobs();
    return ledger.troubles;
  }

  private void require(boolean holds, Trouble otherwise) {
    if (!holds) {
      troubles.add(otherwise);
    }
  }

  private void log() {
    long epoch = 0;
    boolean open = false;
    long seq = 0;
    for (Tables.Entry entry : tables.log) {
      require(entry.seq() == ++seq, Trouble.HOLE_IN_THE_LOG);
      require(entry.proof() != Proof.TOKEN || wasPending(entry), Trouble.CHANGED_BY_TOKEN);
      switch (entry.kind()) {
        case MESSAGE -> {
          require(open && entry.epoch() == epoch, Trouble.MESSAGE_BEHIND_THE_CLOSE);
          require(active(entry.epoch(), requireNonNull(entry.by())), Trouble.MESSAGE_OF_STRANGER);
        }
        case OPENED -> {
          require(entry.epoch() == epoch + 1, Trouble.TWO_WINNERS);
          epoch = entry.epoch();
          open = true;
        }
        case CLOSED -> open = false;
      }
    }
    require(tables.isOpen() == open && tables.now().phase().closed() == !open, Trouble.ROSTER_DIFFERS);
  }

  /// Who waits for a key may go without a device; it is the only change that a token makes.
  private boolean wasPending(Tables.Entry entry) {
    return entry.changes().stream().allMatch(change -> change.uid().equals(change.by()) && change.ends())
        && !active(entry.epoch(), requireNonNull(entry.by()));
  }

  private boolean active(long epoch, Uid uid) {
    return tables.epochs.stream().map(Tables.EpochRow::record)
        .filter(record -> record.statement().epoch().value() == epoch)
        .anyMatch(record -> record.statement().entry(uid).filter(RosterEntry::active).isPresent());
  }

  private void chain() {
    Hash prev = tables.genesis.statement().hash();
    long epoch = 0;
    for (Tables.EpochRow row : tables.epochs) {
      long next = row.record().statement().epoch().value();
      require(next == epoch + 1, next <= epoch ? Trouble.TWO_WINNERS : Trouble.CHAIN_BROKEN);
      require(row.record().statement().prev().equals(prev), Trouble.CHAIN_BROKEN);
      epoch = next;
      prev = row.record().hash();
    }
    require(tables.now().epoch().value() == epoch, Trouble.CHAIN_BROKEN);
  }

  private void signatures() {
    EpochChain chain = null;
    for (Tables.EpochRow row : tables.epochs) {
      Reading<EpochChain> next = chain == null
          ? EpochChain.from(tables.genesis, row.record(), this)
          : chain.next(row.record(), this);
      if (!(next instanceof Reading.Read<EpochChain>(EpochChain read))) {
        troubles.add(Trouble.CHAIN_BROKEN);
        return;
      }
      chain = read;
    }
  }

  /// Of each epoch one for each who was active in it and has not ended since, and none besides.
  private void wraps() {
    List<Tables.WrapRow> left = new ArrayList<>(tables.wraps);
    for (Tables.EpochRow row : tables.epochs) {
      long epoch = row.record().statement().epoch().value();
      Set<Uid> gone = ended(epoch);
      for (RosterEntry entry : row.record().statement().roster()) {
        if (entry.active() && !gone.contains(entry.uid())) {
          require(left.remove(new Tables.WrapRow(epoch, entry.uid())), Trouble.WRAP_MISSING);
        }
      }
    }
    require(left.isEmpty(), Trouble.WRAP_OF_STRANGER);
    tables.grants.forEach(grant -> {
      Member member = tables.now().roster().member(grant.grant().statement().grantee());
      require(member != null && member.active(), Trouble.GRANT_OF_STRANGER);
    });
  }

  /// Whose membership has ended since that epoch was opened.
  private Set<Uid> ended(long epoch) {
    Set<Uid> gone = new HashSet<>();
    tables.log.stream().filter(entry -> entry.epoch() >= epoch).flatMap(entry -> entry.changes().stream())
        .filter(Change::ends).map(Change::uid).forEach(gone::add);
    return gone;
  }

  /// Whoever becomes active gets the key for the newest account there is at that moment; of everybody else the work
  /// that follows a turned key finds the epoch.
  private void keys() {
    EpochRecord before = null;
    for (Tables.EpochRow row : tables.epochs) {
      for (RosterEntry entry : row.record().statement().roster()) {
        EpochRecord last = before;
        boolean was = last != null && last.statement().entry(entry.uid()).filter(RosterEntry::active).isPresent();
        if (entry.active() && !was) {
          require(entry.account().equals(newestAt(entry.uid(), row.moment())), Trouble.OLD_KEY_OF_NEWCOMER);
        }
      }
      before = row.record();
    }
    if (tables.isOpen() && before != null) {
      before.statement().roster().stream().filter(RosterEntry::active)
          .forEach(entry -> require(entry.account().aekGen() == newest(entry.uid()).orElseThrow().statement().aekGen(),
              Trouble.OPEN_FOR_OLD_KEY));
    }
  }

  private AccountKey newestAt(Uid uid, long moment) {
    return tables.accounts(uid).stream().filter(row -> row.moment() < moment).map(Tables.AccountRow::record)
        .reduce((_, later) -> later).map(Citizen::key).orElse(AccountKey.NONE);
  }

  private void members() {
    EpochRecord last = tables.epochs.getLast().record();
    Set<Uid> gone = new HashSet<>();
    tables.log.reversed().stream().takeWhile(entry -> entry.kind() != Tables.Kind.OPENED)
        .flatMap(entry -> entry.changes().stream()).filter(Change::ends).map(Change::uid).forEach(gone::add);
    Set<Uid> signed = new HashSet<>();
    last.statement().roster().stream().map(RosterEntry::uid).filter(uid -> !gone.contains(uid)).forEach(signed::add);
    Set<Uid> listed = new HashSet<>();
    tables.now().roster().members().forEach(member -> listed.add(member.uid()));
    require(signed.equals(listed), Trouble.ROSTER_DIFFERS);
    require(listed.isEmpty() || tables.now().roster().led(), Trouble.NOBODY_LEADS);
  }

  private void jobs() {
    for (Tables.Claim one : tables.claims) {
      for (Tables.Claim other : tables.claims) {
        boolean same = one.kind() == other.kind() && one.round() == other.round();
        boolean meet = one.fromMs() < other.untilMs() && other.fromMs() < one.untilMs();
        require(!same || !meet || one.holder().equals(other.holder()), Trouble.TWO_AT_ONE_JOB);
      }
    }
  }

  @Override
  public Optional<AccountRecord> record(Uid uid, long seq) {
    return tables.accounts(uid).stream().map(Tables.AccountRow::record)
        .filter(record -> record.statement().seq() == seq).findFirst();
  }

  @Override
  public Optional<AccountRecord> newest(Uid uid) {
    return Optional.ofNullable(tables.newest(uid));
  }
}
