// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.membership.Change;
import io.e2relay.keyservice.membership.Conversation;
import io.e2relay.keyservice.membership.KeyGeneration;
import io.e2relay.keyservice.membership.Phase;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import io.e2relay.protocol.record.RosterState;
import io.e2relay.protocol.wire.ChangeKind;
import io.e2relay.protocol.wire.MemberState;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every refusal of a record, beside a record of the same kind that is taken. Anne leads, Bob is a member, Carol waits
/// although she has an account, and Dan waits for one.
final class EpochRulesTest {
  private static final Town TOWN = new Town();
  private static final Holder ANNE = TOWN.holder();
  private static final Holder BOB = TOWN.holder();
  private static final Holder CAROL = TOWN.holder();
  private static final Holder EVE = TOWN.holder();
  private static final Holder BARRED = TOWN.barred();
  private static final Uid DAN = EpochsContract.nobody();
  private static final Draft LAST = Draft.group(ANNE, BOB).with(pending(CAROL)).pending(DAN);
  private static final EpochRules RULES = new EpochRules(5);

  /// @param right the record that is taken
  /// @param wrong the one that is not
  record Row(String name, Draft right, Draft wrong, Objection why) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(row("a stranger", next(), next().member(EVE).by(EVE), ErrorCode.NOT_A_MEMBER),
        row("who waits", next().by(BOB), next().by(CAROL), ErrorCode.MEMBER_PENDING),
        row("an epoch too far", next(), next().next(), Objection.moved(Epoch.FIRST)),
        row("behind another record", next(), set(next(), draft -> draft.prev = new Hash(Owner.random(Hash.BYTES))),
            Objection.moved(Epoch.FIRST)),
        row("another record of the epoch", next(), set(next(EpochReason.CREATED), draft -> draft.epoch = Epoch.FIRST),
            Objection.moved(Epoch.FIRST)),
        row("signed by another", next(), set(next(), draft -> draft.forger = BOB), Fault.BAD_SIGNATURE),
        row("a new beginning while somebody has the key", next(), next(EpochReason.RESTARTED).by(CAROL),
            Fault.NOT_A_SIGNER),
        row("without a member", next(), next().without(BOB.uid()), ErrorCode.ROSTER_MISMATCH, BOB.uid()),
        row("without one who waits", next(), next().without(DAN), ErrorCode.ROSTER_MISMATCH, DAN),
        row("too many", next().member(EVE), next().member(EVE).pending(EpochsContract.nobody()),
            ErrorCode.LIMIT_EXCEEDED),
        row("of another tenant", next().member(EVE), next().member(BARRED), ErrorCode.NOT_ALLOWED),
        row("active without an account", next().member(CAROL), next().with(entry(DAN, RosterState.ACTIVE, EVE)),
            ErrorCode.STALE_KEYS, DAN),
        row("waiting with another's account", next().with(pending(CAROL)),
            next().with(entry(DAN, RosterState.PENDING, EVE)), ErrorCode.STALE_KEYS, DAN),
        row("with an account that nobody has", next(), next().member(new Holder(Town.TENANT, BOB.uid(), Town.NOW)),
            ErrorCode.STALE_KEYS, BOB.uid()),
        row("no longer active", next(), next().with(pending(BOB)), Fault.RULE_BROKEN),
        row("a member makes an admin", next().admin(BOB), next().admin(BOB).by(BOB), Fault.NOT_ALLOWED),
        row("a member adds an admin", next().admin(EVE), next().admin(EVE).by(BOB), Fault.NOT_ALLOWED),
        row("the last admin steps down", next().member(ANNE).admin(BOB), next().member(ANNE), ErrorCode.LAST_ADMIN));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void is_refused(Row row) {
    assertInstanceOf(EpochRuling.Open.class, ruling(row.right()));
    assertEquals(new EpochRuling.Refused(row.why()), ruling(row.wrong()));
  }

  @Test
  void a_role_is_lowered_by_an_admin_or_by_its_bearer() {
    Draft last = Draft.of(Draft.Terms.GROUP, ANNE).admin(BOB).member(CAROL);
    assertEquals(new EpochRuling.Refused(Objection.of(ErrorCode.NOT_ALLOWED)),
        ruling(last, last.next().member(BOB).by(CAROL)));
    assertInstanceOf(EpochRuling.Open.class, ruling(last, last.next().member(BOB).by(ANNE)));
    assertInstanceOf(EpochRuling.Open.class, ruling(last, last.next().member(BOB).by(BOB)));
  }

  @Test
  void who_was_removed_is_missing_and_comes_back_later() {
    Conversation without = now(LAST).in(Phase.CLOSED, now(LAST).roster().without(Set.of(BOB.uid())));
    assertEquals(new EpochRuling.Refused(Objection.of(ErrorCode.ROSTER_MISMATCH, List.of(BOB.uid()))),
        RULES.decide(without, LAST.record(), TOWN.holders(), next().put()));
    assertEquals(new EpochRuling.Refused(Objection.of(ErrorCode.NOT_A_MEMBER)),
        RULES.decide(without, LAST.record(), TOWN.holders(), next().by(BOB).put()));
    Draft second = next().without(BOB.uid());
    EpochRuling.Open open = assertInstanceOf(EpochRuling.Open.class,
        RULES.decide(without, LAST.record(), TOWN.holders(), second.put()));
    assertEquals(Phase.OPEN, open.after().phase());
    assertInstanceOf(EpochRuling.Open.class,
        RULES.decide(open.after(), second.record(), TOWN.holders(), second.next(EpochReason.ADDED).member(BOB).put()));
  }

  @Test
  void a_conversation_for_two_stays_one() {
    Draft last = Draft.direct(ANNE, BOB);
    assertEquals(new EpochRuling.Refused(Objection.of(ErrorCode.NOT_ALLOWED)), ruling(last, last.next().member(EVE)));
    assertInstanceOf(EpochRuling.Open.class, ruling(last, last.next().member(ANNE).member(BOB)));
  }

  @Test
  void only_those_may_add_whom_the_genesis_names() {
    Draft last = Draft.of(Draft.Terms.GROUP.addedByAdmins(), ANNE).member(BOB);
    assertEquals(new EpochRuling.Refused(Objection.of(Fault.NOT_ALLOWED)),
        ruling(last, last.next().member(EVE).by(BOB)));
    assertInstanceOf(EpochRuling.Open.class, ruling(last, last.next().member(EVE).by(ANNE)));
  }

  @Test
  void the_signer_shows_the_newest_account() {
    Town town = new Town();
    Holder anne = town.holder();
    Draft last = Draft.of(Draft.Terms.GROUP, anne);
    Draft next = last.next();
    EpochRecord early = next.record();
    town.turn(anne);
    assertEquals(new EpochRuling.Refused(Objection.of(ErrorCode.STALE_KEYS, List.of(anne.uid()))), RULES
        .decide(now(last), last.record(), town.holders(), new EpochPut(anne.author(), last.id(), sealed(next, early))));
    assertInstanceOf(EpochRuling.Open.class,
        RULES.decide(now(last), last.record(), town.holders(), last.next().admin(anne).put()));
  }

  @Test
  void who_waits_begins_anew_when_everybody_was_reset() {
    Town town = new Town();
    Holder anne = town.holder();
    Holder carol = town.holder();
    Draft last = Draft.of(Draft.Terms.GROUP, anne).with(pending(carol));
    Conversation now = now(last);
    EpochRecord record = last.record();
    assertEquals(new EpochRuling.Refused(Objection.of(Fault.NOT_A_SIGNER)),
        RULES.decide(now, record, town.holders(), last.next(EpochReason.RESTARTED).member(carol).by(carol).put()));
    town.reset(anne);
    Draft anew = last.next(EpochReason.RESTARTED).admin(anne).member(carol).by(carol);
    assertInstanceOf(EpochRuling.Open.class, RULES.decide(now, record, town.holders(), anew.put()));
    assertEquals(new EpochRuling.Refused(Objection.of(Fault.NOT_A_SIGNER)),
        RULES.decide(now, record, town.holders(), last.next(EpochReason.BY_USER).admin(anne).by(anne).put()),
        "who was reset only begins anew");
  }

  @Test
  void who_was_reset_may_wait_under_the_account_from_before_and_the_others_go_on() {
    Town town = new Town();
    Holder anne = town.holder();
    Holder bob = town.holder();
    Draft last = Draft.group(anne, bob);
    RosterEntry before = entry(anne.uid(), RosterState.PENDING, anne, RosterRole.ADMIN);
    Draft early = last.next(EpochReason.RESET).with(before).by(bob);
    assertEquals(new EpochRuling.Refused(Objection.of(Fault.RULE_BROKEN)),
        RULES.decide(now(last), last.record(), town.holders(), early.put()), "nobody was reset");
    town.turn(anne);
    assertEquals(new EpochRuling.Refused(Objection.of(Fault.RULE_BROKEN)),
        RULES.decide(now(last), last.record(), town.holders(), last.next(EpochReason.RESET).with(before).by(bob).put()),
        "a new key is no reset");
    town.reset(anne);
    RosterEntry fresh = entry(anne.uid(), RosterState.PENDING, anne, RosterRole.ADMIN);
    assertEquals(new EpochRuling.Refused(Objection.of(Fault.RULE_BROKEN)),
        RULES.decide(now(last), last.record(), town.holders(), last.next(EpochReason.RESET).with(fresh).by(bob).put()),
        "the reset would not show");
    Draft lowered = last.next(EpochReason.RESET).with(before).by(bob);
    EpochRuling.Open open = assertInstanceOf(EpochRuling.Open.class,
        RULES.decide(now(last), last.record(), town.holders(), lowered.put()), "although she leads");
    assertEquals(MemberState.MEMBER_STATE_PENDING, requireNonNull(open.after().roster().member(anne.uid())).state());
    Draft still = lowered.next();
    assertEquals(new EpochRuling.Refused(Objection.of(ErrorCode.MEMBER_PENDING)),
        RULES.decide(open.after(), lowered.record(), town.holders(), lowered.next().by(anne).put()));
    EpochRuling.Open later = assertInstanceOf(EpochRuling.Open.class,
        RULES.decide(open.after(), lowered.record(), town.holders(), still.put()));
    EpochRuling.Open back = assertInstanceOf(EpochRuling.Open.class, RULES.decide(later.after(), still.record(),
        town.holders(), still.next(EpochReason.ACTIVATED).admin(anne).put()));
    assertEquals(List.of(new Change(ChangeKind.CHANGE_KIND_ACTIVATED, anne.uid(), bob.uid())), back.changes());
  }

  @Test
  void what_changes_is_told_and_the_keys_are_kept() {
    Draft next = next(EpochReason.ADDED).member(CAROL).admin(BOB).member(EVE);
    EpochRuling.Open open = assertInstanceOf(EpochRuling.Open.class, ruling(next));
    assertEquals(Set.of(change(ChangeKind.CHANGE_KIND_ACTIVATED, CAROL),
        change(ChangeKind.CHANGE_KIND_ROLE_CHANGED, BOB), change(ChangeKind.CHANGE_KIND_ADDED, EVE)),
        Set.copyOf(open.changes()));
    assertEquals(new Epoch(2), open.after().epoch());
    assertEquals(next.record().hash(), requireNonNull(open.after().encryption()).epochHash());
    assertEquals(new KeyGeneration(1, 1), requireNonNull(open.after().roster().member(EVE.uid())).key());
    assertEquals(new KeyGeneration(0, 0), requireNonNull(open.after().roster().member(DAN)).key());
    EpochRuling.Open same = assertInstanceOf(EpochRuling.Open.class, ruling(next().by(BOB)));
    assertEquals(List.of(new Change(ChangeKind.CHANGE_KIND_ROTATED, BOB.uid(), BOB.uid())), same.changes());
  }

  @Test
  void the_current_record_again_is_known() {
    assertEquals(new EpochRuling.Known(),
        RULES.decide(now(LAST), LAST.record(), TOWN.holders(), new EpochPut(ANNE.author(), LAST.id(), LAST.sealed())));
  }

  /// What is wrong with a put whatever the conversation is.
  record Flaw(String name, EpochPut put, Fault fault) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Flaw> flaws() {
    Draft next = next();
    EpochRecord record = next.record();
    Author by = ANNE.author();
    ByteString good = Draft.wrap();
    ByteString off = good.substring(0, 1).concat(ByteString.copyFrom(new byte[64])).concat(good.substring(65));
    ByteString compressed = ByteString.copyFrom(new byte[]{2}).concat(good.substring(1));
    Draft nobody = Draft.of(Draft.Terms.GROUP, ANNE).next().with(pending(ANNE));
    return Stream.of(
        new Flaw("of another conversation", new EpochPut(by, Draft.group(ANNE).id(), next.sealed()),
            Fault.WRONG_CONTEXT),
        new Flaw("by another user", new EpochPut(BOB.author(), LAST.id(), next.sealed()), Fault.WRONG_CONTEXT),
        new Flaw("by another device",
            new EpochPut(new Author(by.tenant(), by.uid(), new DeviceId(Owner.random(DeviceId.BYTES))), LAST.id(),
                next.sealed()),
            Fault.WRONG_CONTEXT),
        new Flaw("a wrap too few", wrapped(record, good), Fault.WRONG_LENGTH),
        new Flaw("a wrap too many", wrapped(record, good, good, good), Fault.WRONG_LENGTH),
        new Flaw("a wrap that is too short", wrapped(record, good, good.substring(1)), Fault.WRONG_LENGTH),
        new Flaw("a wrap that is too long", wrapped(record, good, good.concat(good)), Fault.WRONG_LENGTH),
        new Flaw("no form of a point that we know", wrapped(record, good, compressed), Fault.MALFORMED_POINT),
        new Flaw("a point that is none", wrapped(record, good, off), Fault.INVALID_POINT),
        new Flaw("nobody to wrap for", new EpochPut(by, nobody.id(), nobody.sealed()), Fault.RULE_BROKEN));
  }

  @ParameterizedTest
  @MethodSource("flaws")
  void is_unfit(Flaw flaw) {
    assertEquals(Objection.of(flaw.fault()), EpochRules.unfit(flaw.put()));
    assertNull(EpochRules.unfit(next().put()));
  }

  private static EpochPut wrapped(EpochRecord record, ByteString... wraps) {
    return new EpochPut(ANNE.author(), LAST.id(), new Sealed(record, List.of(wraps)));
  }

  private static Sealed sealed(Draft draft, EpochRecord record) {
    return new Sealed(record, draft.wraps.get());
  }

  private static EpochRuling ruling(Draft draft) {
    return ruling(LAST, draft);
  }

  private static EpochRuling ruling(Draft last, Draft next) {
    return RULES.decide(now(last), last.record(), TOWN.holders(), next.put());
  }

  private static Conversation now(Draft last) {
    return Town.conversation(last);
  }

  private static Draft next() {
    return next(EpochReason.BY_USER);
  }

  private static Draft next(EpochReason why) {
    return LAST.next(why);
  }

  private static Draft set(Draft draft, Consumer<Draft> part) {
    part.accept(draft);
    return draft;
  }

  private static RosterEntry pending(Holder who) {
    return entry(who.uid(), RosterState.PENDING, who);
  }

  private static RosterEntry entry(Uid uid, RosterState state, Holder account) {
    return entry(uid, state, account, RosterRole.MEMBER);
  }

  private static RosterEntry entry(Uid uid, RosterState state, Holder account, RosterRole role) {
    return new RosterEntry(uid, role, state, account.key());
  }

  private static Change change(ChangeKind kind, Holder who) {
    return new Change(kind, who.uid(), ANNE.uid());
  }

  private static Row row(String name, Draft right, Draft wrong, Objection why) {
    return new Row(name, right, wrong, why);
  }

  private static Row row(String name, Draft right, Draft wrong, Fault fault) {
    return new Row(name, right, wrong, Objection.of(fault));
  }

  private static Row row(String name, Draft right, Draft wrong, ErrorCode code, Uid... uids) {
    return new Row(name, right, wrong, Objection.of(code, List.of(uids)));
  }
}
