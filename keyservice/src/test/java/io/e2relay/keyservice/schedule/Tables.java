// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.epoch.EpochDesk;
import io.e2relay.keyservice.epoch.EpochPut;
import io.e2relay.keyservice.grant.GrantPut;
import io.e2relay.keyservice.jobs.Holder;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.Decision;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.ReadableEpochs.Interval;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Genesis;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.WrapJobKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a database would hold of one conversation and the accounts in it. Every write says what was read, and is
/// refused if that is no more so: the lock of a row, as far as anybody can tell from outside.
final class Tables {
  enum Kind {
    MESSAGE, OPENED, CLOSED
  }

  /// A row of the log.
  ///
  /// @param by who sent it, or what the connection that asked for it had proven
  record Entry(long seq, long epoch, Kind kind, @Nullable Uid by, @Nullable Proof proof, List<Change> changes) {
  }

  record EpochRow(EpochRecord record, long moment) {
  }

  record AccountRow(AccountRecord record, long moment) {
  }

  record WrapRow(long epoch, Uid uid) {
  }

  record TurnRow(Uid uid, long aekGen) {
  }

  /// @param round how often there was nothing of that kind to do before
  record JobRow(int round, int taken, @Nullable Holder holder, long untilMs) {
  }

  /// That somebody was told to do a job, and until when nobody else is.
  record Claim(WrapJobKind kind, int round, Holder holder, long fromMs, long untilMs) {
  }

  final List<Entry> log = new ArrayList<>();
  final List<EpochRow> epochs = new ArrayList<>();
  final List<WrapRow> wraps = new ArrayList<>();
  final List<GrantPut> grants = new ArrayList<>();
  final List<TurnRow> turns = new ArrayList<>();
  final List<Claim> claims = new ArrayList<>();
  final Map<WrapJobKind, JobRow> jobs = new HashMap<>();
  final Map<Uid, List<AccountRow>> accounts = new HashMap<>();
  final Map<Uid, List<Interval>> intervals = new HashMap<>();
  final Genesis genesis;
  final Defect defect;
  long clockMs = Citizen.NOW;
  private @Nullable Conversation now;
  private long version;
  private long moment;
  private boolean open;

  Tables(Genesis genesis, Defect defect) {
    this.genesis = genesis;
    this.defect = defect;
  }

  Conversation now() {
    return requireNonNull(now, "it was founded");
  }

  long version() {
    return version;
  }

  boolean isOpen() {
    return open;
  }

  List<AccountRow> accounts(Uid uid) {
    return accounts.getOrDefault(uid, List.of());
  }

  @Nullable
  AccountRecord newest(Uid uid) {
    return accounts(uid).isEmpty() ? null : accounts(uid).getLast().record();
  }

  /// The newest record of everybody who has one.
  Map<Uid, AccountRecord> newest() {
    return accounts.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, rows -> rows.getValue().getLast().record()));
  }

  /// As the store does it, under the lock of the head.
  ///
  /// @return nothing where it was stored
  @Nullable
  String append(Uid by, long epoch) {
    if (defect != Defect.NO_FENCE && epoch != now().epoch().value()) {
      return "STALE_EPOCH";
    }
    if (defect != Defect.NO_FENCE && !open) {
      return "EPOCH_CLOSED";
    }
    write(epoch, Kind.MESSAGE, by, null, List.of());
    return null;
  }

  /// @param before how many records the account had when it was read
  boolean put(AccountRecord record, int before, boolean turns) {
    Uid uid = record.statement().uid();
    if (accounts(uid).size() != before) {
      return false;
    }
    accounts.computeIfAbsent(uid, _ -> new ArrayList<>()).add(new AccountRow(record, ++moment));
    if (turns && defect != Defect.TURN_CLOSES_NOTHING) {
      this.turns.add(new TurnRow(uid, record.statement().aekGen()));
    }
    return true;
  }

  void found(EpochPut put, EpochDesk.Answer.Opened opened) {
    now = opened.after();
    opened(put, opened, Set.of());
  }

  /// @param held the accounts, as they were read, of those whom the record makes active
  boolean open(long read, EpochPut put, EpochDesk.Answer.Opened opened, Map<Uid, AccountRecord> held) {
    boolean moved = held.entrySet().stream().anyMatch(one -> !one.getValue().equals(newest(one.getKey())));
    if (stale(read) || (moved && defect != Defect.NEWCOMER_NOT_HELD)) {
      return false;
    }
    Set<Uid> before = now().roster().members().stream().map(Member::uid).collect(Collectors.toSet());
    now = opened.after();
    opened(put, opened, before);
    return true;
  }

  private void opened(EpochPut put, EpochDesk.Answer.Opened opened, Set<Uid> before) {
    EpochRecord record = put.epoch().record();
    long epoch = record.statement().epoch().value();
    epochs.add(new EpochRow(record, ++moment));
    for (RosterEntry entry : record.statement().roster()) {
      boolean lost = defect == Defect.WRAP_LOST && !before.contains(entry.uid()) && epoch > 1;
      if ((entry.active() || defect == Defect.WRAP_FOR_PENDING) && !lost) {
        wraps.add(new WrapRow(epoch, entry.uid()));
      }
    }
    jobs.computeIfPresent(WrapJobKind.WRAP_JOB_KIND_ROTATE, (_, row) -> new JobRow(row.round() + 1, 0, null, 0));
    open = true;
    members(new Epoch(epoch));
    write(epoch, Kind.OPENED, put.by().uid(), Proof.DEVICE, opened.changes());
  }

  boolean close(long read, Decision.Changed changed, Uid by, Proof proof) {
    if (stale(read)) {
      return false;
    }
    now = changed.after();
    Set<Uid> gone = changed.changes().stream().filter(Change::ends).map(Change::uid).collect(Collectors.toSet());
    wraps.removeIf(wrap -> gone.contains(wrap.uid()) && defect != Defect.WRAPS_STAY);
    grants.removeIf(grant -> gone.contains(grant.grant().statement().grantee()) && defect != Defect.GRANTS_STAY);
    open = false;
    members(now().epoch());
    write(now().epoch().value(), Kind.CLOSED, by, proof, changed.changes());
    return true;
  }

  /// One step of the work that a turned key leaves behind.
  boolean closeTurned(long read, TurnRow turn, boolean behind) {
    if (stale(read)) {
      return false;
    }
    turns.remove(turn);
    if (behind) {
      now = now().in(Phase.CLOSED, now().roster());
      open = false;
      write(now().epoch().value(), Kind.CLOSED, turn.uid(), Proof.DEVICE,
          List.of(new Change(ChangeKind.CHANGE_KIND_KEYS_TURNED, turn.uid(), turn.uid())));
    }
    return true;
  }

  boolean grant(long read, GrantPut put) {
    if (stale(read)) {
      return false;
    }
    grants.add(put);
    return true;
  }

  boolean take(WrapJobKind kind, JobRow before, JobRow after) {
    if (!before.equals(job(kind))) {
      return false;
    }
    jobs.put(kind, after);
    claims.add(new Claim(kind, after.round(), requireNonNull(after.holder()), clockMs, after.untilMs()));
    return true;
  }

  JobRow job(WrapJobKind kind) {
    return jobs.getOrDefault(kind, new JobRow(0, 0, null, 0));
  }

  private boolean stale(long read) {
    return read != version && defect != Defect.NO_COMPARE_AND_SET;
  }

  /// Whose membership has ended, or is another than before, and since when.
  private void members(Epoch epoch) {
    for (Map.Entry<Uid, List<Interval>> one : intervals.entrySet()) {
      List<Interval> rows = one.getValue();
      Interval last = rows.getLast();
      Member member = now().roster().member(one.getKey());
      boolean same = member != null && member.state() == last.state();
      if (last.to() == null && !same) {
        Epoch to = member == null || epoch.equals(last.from()) ? epoch : new Epoch(epoch.value() - 1);
        rows.set(rows.size() - 1, new Interval(last.from(), to, last.state()));
      }
    }
    for (Member member : now().roster().members()) {
      List<Interval> rows = intervals.computeIfAbsent(member.uid(), _ -> new ArrayList<>());
      if (rows.isEmpty() || rows.getLast().to() != null) {
        rows.add(new Interval(epoch, null, member.state()));
      }
    }
  }

  private void write(long epoch, Kind kind, @Nullable Uid by, @Nullable Proof proof, List<Change> changes) {
    version += kind == Kind.MESSAGE ? 0 : 1;
    log.add(new Entry(log.size() + 1L, epoch, kind, by, proof, changes));
  }
}
