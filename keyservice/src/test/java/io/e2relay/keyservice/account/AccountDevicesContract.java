// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static io.e2relay.keyservice.account.AccountsContract.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.AccountChain;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What every keeper of accounts knows of their devices, and whose account may be what.
interface AccountDevicesContract {
  Accounts accounts();

  @Test
  default void a_device_was_here_when_it_was_seen_last_and_strangers_leave_no_trace() {
    Owner anne = AccountsContract.somebody();
    Owner.Keys phone = Owner.Keys.make();
    accounts().saw(anne.uid, phone.id(), NOW);
    AccountRecord first = stored(anne.put(anne.genesis(phone)));
    assertEquals(new Accounts.Arrival(first, null), accounts().arrive(anne.uid, phone.id(), false));
    accounts().saw(anne.uid, phone.id(), NOW + 2);
    accounts().saw(anne.uid, phone.id(), NOW + 1);
    assertEquals(new DeviceUse(NOW + 2, 0), use(anne, phone));
    DeviceId stranger = Owner.Keys.make().id();
    accounts().saw(anne.uid, stranger, NOW);
    assertNull(accounts().arrive(anne.uid, stranger, false).use());
    Uid nobody = new Uid(Owner.random(Uid.BYTES));
    assertEquals(new Accounts.Arrival(null, null), accounts().arrive(nobody, phone.id(), false));
  }

  @Test
  default void a_retired_device_loses_its_wraps_and_stays_retired_whatever_else_changes() {
    Owner anne = AccountsContract.somebody();
    Owner.Keys phone = Owner.Keys.make();
    Owner.Keys laptop = Owner.Keys.make();
    AccountRecord first = stored(anne.put(anne.genesis(phone)));
    AccountRecord second = stored(anne.put(anne.add(first, laptop)));
    assertEquals(Set.of(phone.id(), laptop.id()), accounts().devices(anne.uid));
    accounts().saw(anne.uid, phone.id(), NOW - 5);
    accounts().retire(anne.uid, phone.id(), NOW);
    assertEquals(new DeviceUse(NOW - 5, 2), use(anne, phone));
    assertEquals(Set.of(laptop.id()), accounts().devices(anne.uid));
    assertEquals(List.of(), accounts().wraps(anne.uid, phone.id(), 0).wraps());
    assertEquals(1, accounts().wraps(anne.uid, laptop.id(), 0).wraps().size());
    accounts().saw(anne.uid, phone.id(), NOW);
    stored(anne.put(anne.turn(second)));
    assertEquals(new DeviceUse(NOW, 2), use(anne, phone));
    assertEquals(Set.of(laptop.id()), accounts().devices(anne.uid));
  }

  @Test
  default void a_retired_device_is_back_once_a_record_adds_it_anew() {
    Owner anne = AccountsContract.somebody();
    Owner.Keys phone = Owner.Keys.make();
    Owner.Keys laptop = Owner.Keys.make();
    AccountRecord first = stored(anne.put(anne.genesis(phone)));
    AccountRecord second = stored(anne.put(anne.add(first, laptop)));
    accounts().retire(anne.uid, phone.id(), NOW);
    accounts().retire(anne.uid, phone.id(), NOW + 1);
    AccountRecord third = stored(anne.put(anne.revoke(second, phone.id())));
    assertEquals(Set.of(laptop.id()), accounts().devices(anne.uid));
    AccountRecord fourth = stored(anne.put(anne.add(third, phone)));
    assertEquals(Set.of(phone.id(), laptop.id()), accounts().devices(anne.uid));
    Device entry = fourth.statement().device(phone.id()).orElseThrow();
    DeviceUse use = use(anne, phone);
    assertTrue(use != null && !use.retired(entry));
    assertEquals(1, accounts().wraps(anne.uid, phone.id(), 0).wraps().size());
    // Who has no account retires nothing.
    accounts().retire(new Uid(Owner.random(Uid.BYTES)), phone.id(), NOW);
  }

  @Test
  default void the_wraps_of_a_strict_accounts_root_key_come_back_with_those_of_the_users() {
    Owner anne = AccountsContract.somebody();
    Owner.Keys phone = Owner.Keys.make();
    Owner.Keys laptop = Owner.Keys.make();
    Put first = anne.strictly(anne.genesis(phone));
    Put second = anne.strictly(anne.add(stored(first), laptop));
    stored(second);
    assertTrue(accounts().strict(anne.uid));
    int place = second.record().statement().devices().stream().map(Device::id).toList().indexOf(laptop.id());
    assertEquals(List.of(new Accounts.Wrap(2, second.wraps().get(place), second.rootWraps().get(place))),
        accounts().wraps(anne.uid, laptop.id(), 0).wraps());
    Owner bob = AccountsContract.somebody();
    Owner.Keys tablet = Owner.Keys.make();
    Put plain = bob.put(bob.genesis(tablet));
    stored(plain);
    assertFalse(accounts().strict(bob.uid));
    assertEquals(List.of(new Accounts.Wrap(1, plain.wraps().getFirst(), ByteString.EMPTY)),
        accounts().wraps(bob.uid, tablet.id(), 0).wraps());
    assertFalse(accounts().strict(new Uid(Owner.random(Uid.BYTES))));
  }

  @Test
  default void what_the_first_record_is_all_the_others_are() {
    Owner anne = AccountsContract.somebody();
    AccountRecord first = stored(anne.strictly(anne.genesis(Owner.Keys.make())));
    AccountRecord second = anne.add(first, Owner.Keys.make());
    assertEquals(new Stored.Unfit(Fault.RULE_BROKEN), accounts().put(anne.put(second), NOW));
    stored(anne.strictly(second));
    AccountRecord last = second;
    for (Device device : second.statement().devices()) {
      last = anne.revoke(last, device.id());
      Put revoking = last.statement().devices().isEmpty() ? anne.put(last) : anne.strictly(last);
      stored(revoking);
    }
    // Nothing was wrapped, so nothing told: the account is still what it was.
    AccountRecord anew = anne.add(last, Owner.Keys.make());
    assertEquals(new Stored.Unfit(Fault.RULE_BROKEN), accounts().put(anne.put(anew), NOW));
    stored(anne.strictly(anew));
    Owner bob = AccountsContract.somebody();
    AccountRecord plain = stored(bob.put(bob.genesis(Owner.Keys.make())));
    AccountRecord more = bob.add(plain, Owner.Keys.make());
    assertEquals(new Stored.Unfit(Fault.RULE_BROKEN), accounts().put(bob.strictly(more), NOW));
    stored(bob.put(more));
  }

  @Test
  default void there_is_one_root_wrap_for_each_device_or_none_and_each_begins_with_a_point() {
    Owner anne = AccountsContract.somebody();
    AccountRecord first = anne.genesis(Owner.Keys.make());
    ByteString good = Owner.wrap();
    assertEquals(new Stored.Unfit(Fault.WRONG_LENGTH), rooted(anne, first, good, good));
    assertEquals(new Stored.Unfit(Fault.WRONG_LENGTH), rooted(anne, first, good.substring(1)));
    assertEquals(new Stored.Unfit(Fault.MALFORMED_POINT),
        rooted(anne, first, ByteString.copyFrom(new byte[]{2}).concat(good.substring(1))));
    assertEquals(new Stored.Unfit(Fault.INVALID_POINT),
        rooted(anne, first, good.substring(0, 1).concat(ByteString.copyFrom(new byte[64])).concat(good.substring(65))));
    assertInstanceOf(Stored.Now.class, rooted(anne, first, good));
  }

  @Test
  default void whom_the_host_calls_a_bot_gets_no_account() {
    Owner robot = AccountsContract.somebody();
    Owner.Keys machine = Owner.Keys.make();
    arrive(robot, machine, true);
    AccountRecord first = robot.genesis(machine);
    assertEquals(new Stored.Refused(ErrorCode.NOT_ALLOWED), accounts().put(robot.put(first), NOW));
    assertNull(accounts().newest(robot.uid));
    arrive(robot, machine, false);
    stored(robot.put(first));
    // It is the host who says who is one: also of somebody who has an account.
    arrive(robot, machine, true);
    assertEquals(new Stored.Refused(ErrorCode.NOT_ALLOWED), accounts().put(robot.put(robot.turn(first)), NOW));
  }

  @Test
  default void a_reset_for_which_nobody_stands_reads_and_verifies_but_is_not_taken() {
    Owner anne = AccountsContract.somebody();
    Owner.Keys phone = Owner.Keys.make();
    AccountRecord first = stored(anne.put(anne.genesis(phone)));
    AccountRecord reset = anne.reset(first, phone, false);
    assertEquals(new Reading.Read<>(reset), AccountRecord.read(reset.bytes()));
    assertInstanceOf(Reading.Read.class, new AccountChain(first, List.of()).next(reset));
    assertEquals(new Stored.Refused(ErrorCode.UNSUPPORTED), accounts().put(anne.put(reset), NOW));
    assertEquals(first, accounts().newest(anne.uid));
  }

  /// As after the first connection, from which on the service has heard of the user.
  void arrive(Owner owner, Owner.Keys device, boolean bot);

  private AccountRecord stored(Put put) {
    assertEquals(new Stored.Now(put.record().statement().seq(), List.of()), accounts().put(put, NOW));
    return put.record();
  }

  private @Nullable DeviceUse use(Owner owner, Owner.Keys device) {
    return accounts().arrive(owner.uid, device.id(), false).use();
  }

  private Stored rooted(Owner owner, AccountRecord record, ByteString... roots) {
    return accounts().put(new Put(AccountsContract.TENANT, owner.uid, record, List.of(Owner.wrap()), List.of(roots)),
        NOW);
  }
}
