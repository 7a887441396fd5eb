// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import static java.util.Objects.requireNonNull;

import io.e2relay.keyservice.account.AccountDesk;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.epoch.EpochDesk;
import io.e2relay.keyservice.epoch.EpochPut;
import io.e2relay.keyservice.epoch.Foundation;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.keyservice.grant.GrantDesk;
import io.e2relay.keyservice.grant.GrantPut;
import io.e2relay.keyservice.grant.Granting;
import io.e2relay.keyservice.jobs.Holder;
import io.e2relay.keyservice.jobs.JobDesk;
import io.e2relay.keyservice.jobs.WrapJob;
import io.e2relay.keyservice.membership.Decision;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Membership;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.ReadableEpochs;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.wire.WrapJobKind;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The transactions of the key service, as PostgreSQL would have them: the same rules, asked with what was read, and a
/// write that holds only if it still is so.
final class Steps {
  static final int MEMBERS_MAX = 6;

  private static final EpochDesk EPOCHS = new EpochDesk(MEMBERS_MAX);
  private static final Membership MEMBERSHIP = new Membership(MEMBERS_MAX);
  private static final int TURNS_PER_DAY = 3;

  private final Tables tables;

  Steps(Tables tables) {
    this.tables = tables;
  }

  Transaction<?> found(EpochPut put, Foundation wish) {
    return new Transaction<>(() -> View.read(tables), read -> switch (EPOCHS.found(wish, read)) {
      case EpochDesk.Answer.Opened opened -> () -> {
        tables.found(put, opened);
        return Transaction.DONE;
      };
      case EpochDesk.Answer.Known _ -> () -> Transaction.BEFORE;
      case EpochDesk.Answer.Refused(Objection why) -> Transaction.refused(name(why));
    });
  }

  Transaction<?> put(EpochPut put) {
    return new Transaction<>(this::view, view -> switch (EPOCHS.put(view.now(), view.last(), put, view.read())) {
      case EpochDesk.Answer.Opened opened -> {
        Map<Uid, AccountRecord> held = held(view, put.epoch().record());
        yield () -> tables.open(view.version(), put, opened, held) ? Transaction.DONE : Transaction.LOST;
      }
      case EpochDesk.Answer.Known _ -> () -> Transaction.BEFORE;
      case EpochDesk.Answer.Refused(Objection why) -> Transaction.refused(name(why));
    });
  }

  /// The accounts of those who become active: of everybody else there is a row by which a turned key finds the epoch.
  private static Map<Uid, AccountRecord> held(View view, EpochRecord record) {
    Map<Uid, AccountRecord> held = new HashMap<>();
    for (RosterEntry entry : record.statement().roster()) {
      Member was = view.now().roster().member(entry.uid());
      if (entry.active() && (was == null || !was.active())) {
        held.put(entry.uid(), requireNonNull(view.newest().get(entry.uid()), "the rules let nobody else in"));
      }
    }
    return held;
  }

  Transaction<?> change(Request request, Proof proven) {
    return new Transaction<>(this::view, view -> switch (MEMBERSHIP.decide(view.now(), request)) {
      case Decision.Changed changed ->
        () -> tables.close(view.version(), changed, request.by(), proven) ? Transaction.DONE : Transaction.LOST;
      case Decision.Unchanged _ -> () -> Transaction.BEFORE;
      case Decision.Refused(ErrorCode code) -> Transaction.refused(code.name());
    });
  }

  /// The relay looks at the roster of the epoch, which never changes; the store at the head.
  Transaction<?> send(Uid by, long epoch) {
    return new Transaction<>(() -> tables.epochs.get((int) epoch - 1).record(), record -> {
      RosterEntry entry = record.statement().entry(by).orElse(null);
      if ((entry == null || !entry.active()) && tables.defect != Defect.NO_ROSTER) {
        return Transaction.refused(entry == null ? "NOT_A_MEMBER" : "MEMBER_PENDING");
      }
      return () -> {
        String refusal = tables.append(by, epoch);
        return refusal == null ? Transaction.DONE : new Transaction.End.Refused(refusal);
      };
    });
  }

  Transaction<?> account(Citizen who, AccountRecord record) {
    return new Transaction<>(() -> List.copyOf(tables.accounts(who.uid)), rows -> {
      List<AccountRecord> chain = rows.stream().map(Tables.AccountRow::record).toList();
      int turned = (int) chain.stream().filter(one -> AccountDesk.turns(one.statement().kind())).count();
      // Days are short here: the limit of a day is reached with the others.
      int turns = turned < TURNS_PER_DAY ? 0 : Integer.MAX_VALUE;
      return switch (AccountDesk.put(chain, turns, who.put(record), Citizen.NOW)) {
        case AccountDesk.Answer.Next _ ->
          () -> tables.put(record, chain.size(), AccountDesk.turns(record.statement().kind()))
              ? Transaction.DONE
              : Transaction.LOST;
        case AccountDesk.Answer.Known _ -> () -> Transaction.BEFORE;
        case AccountDesk.Answer.Refused(ErrorCode code) -> Transaction.refused(code.name());
        case AccountDesk.Answer.Unfit(Fault fault) -> Transaction.refused(name(Objection.of(fault)));
      };
    });
  }

  Transaction<?> closeTurned(Tables.TurnRow turn) {
    return new Transaction<>(this::view, view -> {
      Member member = view.now().roster().member(turn.uid());
      boolean behind = member != null && member.active() && requireNonNull(member.key()).aekGen() < turn.aekGen();
      return () -> tables.closeTurned(view.version(), turn, behind)
          ? behind ? Transaction.DONE : new Transaction.End.Refused("NOTHING_BEHIND")
          : Transaction.LOST;
    });
  }

  Transaction<?> grant(GrantPut put) {
    GrantStatement statement = put.grant().statement();
    return new Transaction<>(this::view, view -> {
      Member grantee = view.now().roster().member(statement.grantee());
      GrantDesk.Parties parties = new GrantDesk.Parties(standing(view, put.by().uid()), key(view, put.by().uid()),
          grantee != null && grantee.active(), key(view, statement.grantee()));
      return answer(GrantDesk.put(put, parties, kept(view, statement)), () -> tables.grant(view.version(), put));
    });
  }

  Transaction<?> ask(Uid member, Epoch epoch, long waiting) {
    return new Transaction<>(this::view,
        view -> answer(GrantDesk.ask(standing(view, member), epoch, false, waiting), () -> true));
  }

  private static Supplier<Transaction.End> answer(Granting granting, Supplier<Boolean> write) {
    return switch (granting) {
      case Granting.Done _ -> () -> write.get() ? Transaction.DONE : Transaction.LOST;
      case Granting.Before _ -> () -> Transaction.BEFORE;
      case Granting.Refused(Objection why) -> Transaction.refused(name(why));
    };
  }

  private GrantDesk.Kept kept(View view, GrantStatement statement) {
    GrantPut there = tables.grants.stream().filter(grant -> {
      GrantStatement other = grant.grant().statement();
      return other.epoch().equals(statement.epoch()) && other.grantee().equals(statement.grantee())
          && other.granter().uid().equals(statement.granter().uid())
          && other.account().aekGen() == statement.account().aekGen();
    }).findFirst().orElse(null);
    EpochRecord asked = tables.epochs.stream().map(Tables.EpochRow::record)
        .filter(record -> record.statement().epoch().equals(statement.epoch())).findFirst().orElse(null);
    return new GrantDesk.Kept(there, asked, view.last(), view.records());
  }

  private @Nullable Standing standing(View view, Uid uid) {
    Member member = view.now().roster().member(uid);
    return member == null
        ? null
        : new Standing(view.now().level(), view.now().epoch(), member,
            ReadableEpochs.ranges(view.now().history(), List.copyOf(requireNonNull(tables.intervals.get(uid))),
                tables.grants.stream().map(grant -> grant.grant().statement())
                    .filter(statement -> statement.grantee().equals(uid)).map(GrantStatement::epoch).toList()));
  }

  private static @Nullable AccountKey key(View view, Uid uid) {
    AccountRecord newest = view.newest().get(uid);
    return newest == null ? null : Citizen.key(newest);
  }

  /// What an active member may do for the others, if nobody is at it.
  Transaction<?> take(Holder asker) {
    record Seen(WrapJobKind kind, Tables.JobRow row, WrapJob job) {
    }
    return new Transaction<>(() -> {
      Member member = tables.now().roster().member(asker.uid());
      return member == null || !member.active()
          ? List.<Seen>of()
          : open().entrySet().stream().map(one -> new Seen(one.getKey(), tables.job(one.getKey()),
              new WrapJob(tables.now().id(), one.getKey(), tables.now().epoch(), one.getValue()))).toList();
    }, seen -> {
      boolean all = tables.defect == Defect.NO_LEASE;
      List<JobDesk.Offer> claims = JobDesk.claim(seen.stream().map(
          one -> new JobDesk.Offer(one.job(), one.row().taken(), all ? null : one.row().holder(), one.row().untilMs()))
          .toList(), asker, tables.clockMs);
      if (claims.isEmpty()) {
        return Transaction.refused("NO_JOB");
      }
      JobDesk.Offer claim = claims.getFirst();
      Tables.JobRow row = seen.stream().filter(one -> one.kind() == claim.job().kind()).findFirst().orElseThrow().row();
      Tables.JobRow after = new Tables.JobRow(row.round(), claim.taken(), claim.holder(), claim.untilMs());
      return () -> tables.take(claim.job().kind(), row, after) ? Transaction.DONE : Transaction.LOST;
    });
  }

  private Map<WrapJobKind, List<Uid>> open() {
    Map<WrapJobKind, List<Uid>> open = new EnumMap<>(WrapJobKind.class);
    if (!tables.isOpen()) {
      open.put(WrapJobKind.WRAP_JOB_KIND_ROTATE, List.of());
    }
    List<Uid> ready = tables.now().roster().members().stream().filter(member -> !member.active()).map(Member::uid)
        .filter(uid -> tables.newest(uid) != null).toList();
    if (!ready.isEmpty()) {
      open.put(WrapJobKind.WRAP_JOB_KIND_ACTIVATE, ready);
    }
    return open;
  }

  private View view() {
    return View.of(tables);
  }

  private static String name(Objection why) {
    Fault fault = why.fault();
    return fault == null ? why.code().name() : why.code() + "/" + fault.name();
  }
}
