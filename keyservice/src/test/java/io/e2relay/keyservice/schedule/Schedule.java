// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.schedule;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.epoch.Draft;
import io.e2relay.keyservice.epoch.EpochPut;
import io.e2relay.keyservice.epoch.Foundation;
import io.e2relay.keyservice.epoch.Sealed;
import io.e2relay.keyservice.grant.GrantPut;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.membership.Proof;
import io.e2relay.keyservice.membership.Request;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.GrantStatement;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.record.Signer;
import io.e2relay.protocol.wire.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What some people do to one conversation at once, by a seed: each of some actors has a transaction under way, and
/// whose moment is next is drawn. Many act on what they saw a while ago.
final class Schedule {
  private static final int ACTORS = 3;
  private static final int STEPS = 20;
  // What is drawn more often stands here more often.
  private static final List<Step> DICE = List.of(Step.SEND, Step.SEND, Step.SEND, Step.ROTATE, Step.ROTATE, Step.ADD,
      Step.ADD_PENDING, Step.ACTIVATE, Step.ACTIVATE, Step.ROLE, Step.LATE, Step.REMOVE, Step.LEAVE, Step.REGISTER,
      Step.TURN, Step.REVOKE, Step.RESET, Step.CLOSE_TURNED, Step.CLOSE_TURNED, Step.GRANT, Step.ASK_GRANT,
      Step.TAKE_JOB, Step.TAKE_JOB);

  private final Random random;
  private final Tables tables;
  private final Steps steps;
  private final List<Citizen> people;
  private final Map<Uid, View> views = new HashMap<>();
  private final Map<Uid, EpochPut> kept = new HashMap<>();
  private final Tally tally;

  private record Running(Step step, Transaction<?> transaction) {
  }

  Schedule(long seed, Founded founded, Tally tally, Defect defect) {
    this.random = new Random(seed);
    this.people = founded.people();
    this.tally = tally;
    this.tables = new Tables(founded.genesis(), defect);
    this.steps = new Steps(tables);
    people.subList(0, founded.registered()).forEach(who -> tables.put(who.first, 0, false));
    begin(founded);
  }

  Tables run() {
    List<Running> running = new ArrayList<>();
    int started = 0;
    while (started < STEPS || !running.isEmpty()) {
      tables.clockMs += random.nextInt(2_000);
      if (running.size() < ACTORS && started < STEPS) {
        started++;
        Running next = draw();
        if (next != null) {
          running.add(next);
        }
        continue;
      }
      Running one = running.get(random.nextInt(running.size()));
      Transaction.End end = one.transaction().advance();
      if (end != null) {
        running.remove(one);
        tally.count(one.step(), end, one.transaction().lost());
      }
    }
    while (!tables.turns.isEmpty()) {
      finish(Step.CLOSE_TURNED, steps.closeTurned(tables.turns.getFirst()));
    }
    return tables;
  }

  /// Sometimes the founder's own account has moved before the foundation is brought, which then has to be made anew.
  private void begin(Founded founded) {
    Citizen founder = people.getFirst();
    Foundation wish = founded.wish();
    if (random.nextInt(8) == 0) {
      Foundation early = founded.early();
      finish(Step.FOUND, steps.found(new EpochPut(founder.author(), early.id(), early.first()), early));
    }
    finish(Step.FOUND, steps.found(new EpochPut(founder.author(), wish.id(), wish.first()), wish));
    people.forEach(who -> views.put(who.uid, View.of(tables)));
  }

  private void finish(Step step, Transaction<?> transaction) {
    Transaction.End end = null;
    while (end == null) {
      end = transaction.advance();
    }
    tally.count(step, end, transaction.lost());
  }

  private @Nullable Running draw() {
    Step step = DICE.get(random.nextInt(DICE.size()));
    Citizen by = people.get(random.nextInt(people.size()));
    // Members act more often than strangers.
    if (tables.now().roster().member(by.uid) == null && random.nextInt(4) > 0) {
      by = people.get(random.nextInt(people.size()));
    }
    // Some look before they act, and some do not.
    if (random.nextInt(3) > 0) {
      views.put(by.uid, View.of(tables));
    }
    Transaction<?> transaction = transaction(step, by, people.get(random.nextInt(people.size())));
    return transaction == null ? null : new Running(step, transaction);
  }

  private @Nullable Transaction<?> transaction(Step step, Citizen by, Citizen other) {
    View view = requireNonNull(views.get(by.uid));
    return switch (step) {
      case FOUND -> throw new IllegalStateException("it is founded once");
      case SEND -> steps.send(by.uid, view.now().epoch().value());
      case ROTATE -> opening(by, roster(view), EpochReason.BY_USER, true);
      case ADD, ADD_PENDING -> opening(by, added(view, other, step == Step.ADD), EpochReason.ADDED, false);
      case ACTIVATE -> opening(by, activated(view), EpochReason.ACTIVATED, false);
      case ROLE -> opening(by, turned(view, other), EpochReason.BY_USER, false);
      case LATE -> kept.containsKey(by.uid) ? steps.put(requireNonNull(kept.remove(by.uid))) : null;
      case REMOVE -> removal(by, other);
      case LEAVE -> {
        Proof proven = proven();
        yield steps.change(new Request.Leave(by.uid, told(proven)), proven);
      }
      case REGISTER -> steps.account(other, random.nextInt(4) > 0 ? other.first : other.rival);
      case TURN -> account(by, view, AccountKind.AEK_ROTATED);
      case REVOKE -> account(by, view, AccountKind.DEVICE_REVOKED);
      case RESET -> account(by, view, AccountKind.IDENTITY_RESET);
      case CLOSE_TURNED ->
        tables.turns.isEmpty() ? null : steps.closeTurned(tables.turns.get(random.nextInt(tables.turns.size())));
      case GRANT -> grant(by, view, other);
      case ASK_GRANT -> steps.ask(by.uid, new Epoch(1 + random.nextInt(4)), random.nextInt(4) == 0 ? 100 : 0);
      case TAKE_JOB -> steps.take(by.holder(random.nextBoolean()));
    };
  }

  private Transaction<?> removal(Citizen by, Citizen other) {
    Proof proven = proven();
    return steps.change(new Request.Remove(by.uid, Set.of(other.uid), Named.secret(1), told(proven)), proven);
  }

  private Proof proven() {
    return random.nextInt(8) == 0 ? Proof.TOKEN : Proof.DEVICE;
  }

  private Proof told(Proof proven) {
    return tables.defect == Defect.TOKEN_PASSES ? Proof.DEVICE : proven;
  }

  private @Nullable Transaction<?> account(Citizen who, View view, AccountKind kind) {
    AccountRecord newest = view.newest().get(who.uid);
    return newest == null ? null : steps.account(who, who.next(newest, kind, random.nextInt(2)));
  }

  /// Who is a member, with the keys that are known.
  private static Map<Uid, RosterEntry> roster(View view) {
    Map<Uid, RosterEntry> roster = new TreeMap<>(Roster.ORDER);
    for (Member member : view.now().roster().members()) {
      AccountRecord account = view.newest().get(member.uid());
      RosterState state = member.active() ? RosterState.ACTIVE : RosterState.PENDING;
      roster.put(member.uid(),
          new RosterEntry(member.uid(), member.role() == Role.ROLE_ADMIN ? RosterRole.ADMIN : RosterRole.MEMBER, state,
              account == null || !member.active() ? AccountKey.NONE : Citizen.key(account)));
    }
    return roster;
  }

  private static Map<Uid, RosterEntry> added(View view, Citizen newcomer, boolean active) {
    Map<Uid, RosterEntry> roster = roster(view);
    AccountRecord account = view.newest().get(newcomer.uid);
    roster.putIfAbsent(newcomer.uid,
        active && account != null
            ? new RosterEntry(newcomer.uid, RosterRole.MEMBER, RosterState.ACTIVE, Citizen.key(account))
            : new RosterEntry(newcomer.uid, RosterRole.MEMBER, RosterState.PENDING, AccountKey.NONE));
    return roster;
  }

  private static Map<Uid, RosterEntry> activated(View view) {
    Map<Uid, RosterEntry> roster = roster(view);
    roster.replaceAll((uid, entry) -> {
      AccountRecord account = view.newest().get(uid);
      return account == null ? entry : new RosterEntry(uid, entry.role(), RosterState.ACTIVE, Citizen.key(account));
    });
    return roster;
  }

  private static Map<Uid, RosterEntry> turned(View view, Citizen other) {
    Map<Uid, RosterEntry> roster = roster(view);
    roster.computeIfPresent(other.uid, (uid, entry) -> new RosterEntry(uid,
        entry.role() == RosterRole.ADMIN ? RosterRole.MEMBER : RosterRole.ADMIN, entry.state(), entry.account()));
    return roster;
  }

  /// @param keeping whether it may be brought later, instead of now
  private @Nullable Transaction<?> opening(Citizen by, Map<Uid, RosterEntry> roster, EpochReason reason,
      boolean keeping) {
    View view = requireNonNull(views.get(by.uid));
    AccountRecord account = view.newest().get(by.uid);
    if (account == null || roster.values().stream().noneMatch(RosterEntry::active)) {
      return null;
    }
    EpochStatement statement = new EpochStatement(view.now().id(), view.now().epoch().next(), view.last().hash(),
        reason, by.signer(account), new Hash(bytes(Hash.BYTES)), ByteString.EMPTY, List.copyOf(roster.values()),
        Citizen.NOW);
    EpochRecord record = new EpochRecord(statement, by.sign("epoch", statement.tbs()));
    EpochPut put = new EpochPut(by.author(), view.now().id(),
        new Sealed(record, statement.roster().stream().filter(RosterEntry::active).map(_ -> Draft.wrap()).toList()));
    if (keeping && random.nextInt(3) == 0) {
      kept.put(by.uid, put);
      return null;
    }
    return steps.put(put);
  }

  private @Nullable Transaction<?> grant(Citizen by, View view, Citizen other) {
    AccountRecord mine = view.newest().get(by.uid);
    AccountRecord theirs = view.newest().get(other.uid);
    if (mine == null || theirs == null) {
      return null;
    }
    EpochRecord epoch = tables.epochs.get(random.nextInt(tables.epochs.size())).record();
    Signer signer = by.signer(mine);
    GrantStatement statement = new GrantStatement(epoch.statement().conversation(), epoch.statement().epoch(),
        epoch.hash(), other.uid, Citizen.key(theirs), random.nextBoolean() ? GrantKind.REWRAP : GrantKind.HISTORY,
        signer, Citizen.NOW);
    return steps
        .grant(new GrantPut(by.author(), new Grant(statement, by.sign("grant", statement.tbs())), Draft.wrap()));
  }

  private ByteString bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }
}
