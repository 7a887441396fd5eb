// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.grant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.Owner;
import io.e2relay.keyservice.conversation.Standing;
import io.e2relay.keyservice.epoch.Author;
import io.e2relay.keyservice.epoch.Objection;
import io.e2relay.keyservice.jobs.Person;
import io.e2relay.keyservice.jobs.Room;
import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.keyservice.membership.ReadableEpochs.Range;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Epoch;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.EpochReason;
import io.e2relay.protocol.record.EpochRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Grant;
import io.e2relay.protocol.record.GrantKind;
import io.e2relay.protocol.record.HistoryPolicy;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.verify.Accounts;
import io.e2relay.protocol.wire.MemberState;
import io.e2relay.protocol.wire.Role;
import io.e2relay.protocol.wire.TrustLevel;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class GrantRulesTest {
  private static final Granting DONE = new Granting.Done();
  private static final Granting BEFORE = new Granting.Before();
  private static final Granting NOT_ALLOWED = refused(ErrorCode.NOT_ALLOWED);

  private final Person alice = new Person();
  private final Person bob = new Person();
  private final Person carol = new Person();
  private final Room room = new Room(alice, HistoryPolicy.FROM_JOIN).with(bob);
  private final EpochRecord first = room.taken(room.sign(alice, EpochReason.CREATED));
  private final EpochRecord second = room.taken(room.with(carol).without(bob).sign(alice, EpochReason.ADDED));
  private final Accounts accounts = known(alice, bob, carol);
  private final ByteString wrap = Person.wrap();

  @Test
  void a_key_is_given_again_to_who_had_it_and_shown_to_who_came_later() {
    EpochRecord third = room.taken(room.with(bob).sign(alice, EpochReason.ADDED));
    assertEquals(DONE, decide(alice, GrantKind.REWRAP, first, bob, third));
    assertEquals(DONE, decide(alice, GrantKind.HISTORY, first, carol, third));
    assertEquals(refused(Fault.NOT_ALLOWED), decide(alice, GrantKind.REWRAP, first, carol, third));
  }

  @Test
  void nobody_shares_what_they_cannot_read() {
    EpochRecord third = room.taken(room.with(bob).sign(alice, EpochReason.ADDED));
    assertEquals(NOT_ALLOWED, decide(carol, GrantKind.HISTORY, first, bob, third));
    GrantPut put = put(carol, carol.grant(first, bob, GrantKind.HISTORY));
    GrantRules.Facts shared = new GrantRules.Facts(null, standing(carol, new Range(new Epoch(1), new Epoch(3))),
        active(carol), active(bob), new GrantRules.Records(first, third, accounts));
    assertEquals(DONE, GrantRules.decide(put, shared));
  }

  @Test
  void who_is_no_active_member_now_is_given_nothing() {
    GrantPut put = put(alice, alice.grant(first, bob, GrantKind.REWRAP));
    GrantRules.Records records = new GrantRules.Records(first, second, accounts);
    assertEquals(NOT_ALLOWED, GrantRules.decide(put, new GrantRules.Facts(null, standing(alice, all()), active(alice),
        new GrantRules.Party(false, bob.key()), records)));
    assertEquals(DONE, GrantRules.decide(put,
        new GrantRules.Facts(null, standing(alice, all()), active(alice), active(bob), records)));
  }

  @Test
  void a_grant_for_or_by_an_older_account_names_whose_is_newer() {
    GrantPut put = put(alice, alice.grant(second, carol, GrantKind.REWRAP));
    GrantRules.Records records = new GrantRules.Records(second, second, accounts);
    assertEquals(DONE, GrantRules.decide(put,
        new GrantRules.Facts(null, standing(alice, all()), active(alice), active(carol), records)));
    carol.turned();
    assertEquals(refused(ErrorCode.STALE_KEYS, carol.uid()), GrantRules.decide(put,
        new GrantRules.Facts(null, standing(alice, all()), active(alice), active(carol), records)));
    alice.turned();
    assertEquals(refused(ErrorCode.STALE_KEYS, alice.uid(), carol.uid()), GrantRules.decide(put,
        new GrantRules.Facts(null, standing(alice, all()), active(alice), active(carol), records)));
  }

  @Test
  void a_grant_of_an_epoch_that_is_not_there_is_of_another_conversation() {
    GrantPut put = put(alice, alice.grant(first, carol, GrantKind.HISTORY));
    assertEquals(refused(Fault.WRONG_CONTEXT),
        GrantRules.decide(put, new GrantRules.Facts(null, standing(alice, all()), active(alice), active(carol), null)));
    assertEquals(refused(Fault.WRONG_CONTEXT), GrantRules.decide(put, new GrantRules.Facts(null, standing(alice, all()),
        active(alice), active(carol), new GrantRules.Records(second, second, accounts))));
  }

  @Test
  void what_another_device_signed_is_refused() {
    Grant good = alice.grant(second, carol, GrantKind.REWRAP);
    Grant forged = new Grant(good.statement(), bob.sign("grant", good.statement().tbs()));
    assertEquals(refused(Fault.BAD_SIGNATURE), GrantRules.decide(put(alice, forged), new GrantRules.Facts(null,
        standing(alice, all()), active(alice), active(carol), new GrantRules.Records(second, second, accounts))));
  }

  @Test
  void the_same_grant_again_is_there_already_and_another_one_differs() {
    GrantPut put = put(alice, alice.grant(second, carol, GrantKind.REWRAP));
    GrantRules.Given given = new GrantRules.Given(put.grant().bytes(), wrap);
    assertEquals(BEFORE, GrantRules.decide(put, facts(given)));
    assertEquals(refused(ErrorCode.DUPLICATE_DIFFERS),
        GrantRules.decide(new GrantPut(put.by(), put.grant(), Person.wrap()), facts(given)));
    assertEquals(refused(ErrorCode.DUPLICATE_DIFFERS),
        GrantRules.decide(put(alice, alice.grant(second, carol, GrantKind.HISTORY)), facts(given)));
  }

  @Test
  void a_grant_is_brought_by_the_device_that_signed_it() {
    Grant grant = alice.grant(second, carol, GrantKind.REWRAP);
    assertNull(GrantRules.unfit(put(alice, grant)));
    assertEquals(Objection.of(Fault.WRONG_CONTEXT), GrantRules.unfit(new GrantPut(bob.author(), grant, wrap)));
    assertEquals(Objection.of(Fault.WRONG_CONTEXT), GrantRules.unfit(
        new GrantPut(new Author(Named.TENANT, alice.uid(), new DeviceId(Owner.random(DeviceId.BYTES))), grant, wrap)));
  }

  @Test
  void a_wrap_has_its_length_and_begins_with_a_point_of_the_curve() {
    Grant grant = alice.grant(second, carol, GrantKind.REWRAP);
    assertEquals(Objection.of(Fault.WRONG_LENGTH),
        GrantRules.unfit(new GrantPut(alice.author(), grant, wrap.substring(1))));
    assertEquals(Objection.of(Fault.WRONG_LENGTH),
        GrantRules.unfit(new GrantPut(alice.author(), grant, wrap.concat(wrap.substring(0, 1)))));
    assertEquals(Objection.of(Fault.MALFORMED_POINT), GrantRules
        .unfit(new GrantPut(alice.author(), grant, ByteString.copyFrom(new byte[]{2}).concat(wrap.substring(1)))));
    ByteString offCurve = ByteString.copyFrom(new byte[]{4}).concat(Owner.random(Point.BYTES - 1))
        .concat(wrap.substring(Point.BYTES));
    assertEquals(Objection.of(Fault.INVALID_POINT), GrantRules.unfit(new GrantPut(alice.author(), grant, offCurve)));
  }

  @Test
  void who_is_no_active_member_has_no_part_in_it() {
    assertEquals(Objection.of(ErrorCode.NOT_A_MEMBER), GrantRules.outside(null));
    assertEquals(Objection.of(ErrorCode.MEMBER_PENDING), GrantRules.outside(new Standing(TrustLevel.TRUST_LEVEL_E2EE,
        new Epoch(2), new Member(bob.uid(), Role.ROLE_MEMBER, MemberState.MEMBER_STATE_PENDING), List.of())));
    assertNull(GrantRules.outside(standing(alice, all())));
  }

  @Test
  void a_member_asks_for_epochs_that_they_may_read_and_for_so_many_at_a_time() {
    Standing member = standing(alice, new Range(new Epoch(2), null));
    int max = GrantRules.WAITING_MAX;
    assertEquals(DONE, GrantRules.ask(member, new Epoch(2), false, max - 1));
    assertEquals(refused(ErrorCode.TOO_FAST), GrantRules.ask(member, new Epoch(2), false, max));
    assertEquals(BEFORE, GrantRules.ask(member, new Epoch(2), true, max));
    assertEquals(NOT_ALLOWED, GrantRules.ask(member, new Epoch(1), false, 0));
    assertEquals(NOT_ALLOWED, GrantRules.ask(member, new Epoch(3), false, 0));
  }

  /// For somebody who may read what they were active in.
  private Granting decide(Person by, GrantKind kind, EpochRecord epoch, Person to, EpochRecord newest) {
    Range since = by == carol ? new Range(new Epoch(2), null) : all();
    return GrantRules.decide(put(by, by.grant(epoch, to, kind)), new GrantRules.Facts(null, standing(by, since),
        active(by), active(to), new GrantRules.Records(epoch, newest, accounts)));
  }

  private GrantRules.Facts facts(GrantRules.Given there) {
    return new GrantRules.Facts(there, standing(alice, all()), active(alice), active(carol),
        new GrantRules.Records(second, second, accounts));
  }

  private GrantPut put(Person by, Grant grant) {
    return new GrantPut(by.author(), grant, wrap);
  }

  private static Standing standing(Person person, Range readable) {
    return new Standing(TrustLevel.TRUST_LEVEL_E2EE, new Epoch(2),
        new Member(person.uid(), Role.ROLE_MEMBER, MemberState.MEMBER_STATE_ACTIVE), List.of(readable));
  }

  private static Range all() {
    return new Range(Epoch.FIRST, null);
  }

  private static GrantRules.Party active(Person person) {
    return new GrantRules.Party(true, person.key());
  }

  private static Granting refused(ErrorCode code, Uid... uids) {
    return new Granting.Refused(Objection.of(code, List.of(uids)));
  }

  private static Granting refused(Fault fault) {
    return new Granting.Refused(Objection.of(fault));
  }

  private static Accounts known(Person... people) {
    List<AccountRecord> records = Stream.of(people).flatMap(person -> person.accounts().stream()).toList();
    return new Accounts() {
      @Override
      public Optional<AccountRecord> record(Uid uid, long seq) {
        return records.stream().filter(of -> of.statement().uid().equals(uid) && of.statement().seq() == seq)
            .findFirst();
      }

      @Override
      public Optional<AccountRecord> newest(Uid uid) {
        return records.stream().filter(of -> of.statement().uid().equals(uid)).reduce((_, last) -> last);
      }
    };
  }
}
