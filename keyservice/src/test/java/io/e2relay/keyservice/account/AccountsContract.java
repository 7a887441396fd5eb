// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.error.ErrorCode;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Signature;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What every keeper of accounts does.
interface AccountsContract {
  long NOW = 1_795_000_000_000L;
  TenantId TENANT = new TenantId(ByteString.copyFrom(new byte[TenantId.BYTES]));

  Accounts accounts();

  static Owner somebody() {
    return new Owner(TENANT, new Uid(Owner.random(Uid.BYTES)), NOW);
  }

  @Test
  default void a_chain_grows_and_is_read_back_byte_by_byte() {
    Owner anne = somebody();
    AccountRecord first = anne.genesis(Owner.Keys.make());
    AccountRecord second = anne.add(first, Owner.Keys.make());
    assertEquals(new Stored.Now(1, List.of()), accounts().put(anne.put(first), NOW));
    assertEquals(new Stored.Now(2, List.of()), accounts().put(anne.put(second), NOW));
    assertEquals(second, accounts().newest(anne.uid));
    assertEquals(
        new Accounts.Chains(List.of(new Accounts.Chain(anne.uid, List.of(first.bytes(), second.bytes()), 2)), false),
        accounts().chains(TENANT, Map.of(anne.uid, 0L)));
    assertEquals(List.of(second.bytes()),
        accounts().chains(TENANT, Map.of(anne.uid, 1L)).chains().getFirst().records());
    assertEquals(new Accounts.Chain(anne.uid, List.of(), 2),
        accounts().chains(TENANT, Map.of(anne.uid, 2L)).chains().getFirst());
  }

  @Test
  default void who_has_no_account_or_another_tenant_is_left_out() {
    Owner anne = somebody();
    accounts().put(anne.put(anne.genesis(Owner.Keys.make())), NOW);
    Uid nobody = new Uid(Owner.random(Uid.BYTES));
    assertNull(accounts().newest(nobody));
    assertEquals(1, accounts().chains(TENANT, Map.of(anne.uid, 0L, nobody, 0L)).chains().size());
    TenantId other = new TenantId(Owner.random(TenantId.BYTES));
    assertEquals(List.of(), accounts().chains(other, Map.of(anne.uid, 0L)).chains());
  }

  @Test
  default void the_same_record_again_is_answered_as_before_and_another_one_of_its_number_refused() {
    Owner anne = somebody();
    AccountRecord first = anne.genesis(Owner.Keys.make());
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(first), NOW));
    assertEquals(new Stored.Before(1), accounts().put(anne.put(first), NOW));
    AccountRecord one = anne.add(first, Owner.Keys.make());
    AccountRecord other = anne.add(first, Owner.Keys.make());
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(one), NOW));
    assertEquals(new Stored.Refused(ErrorCode.ACCOUNT_MOVED), accounts().put(anne.put(other), NOW));
  }

  @Test
  default void somebody_elses_record_is_refused() {
    Owner anne = somebody();
    AccountRecord record = anne.genesis(Owner.Keys.make());
    Put stolen = new Put(TENANT, new Uid(Owner.random(Uid.BYTES)), record, anne.put(record).wraps(), List.of());
    assertEquals(new Stored.Unfit(Fault.WRONG_CONTEXT), accounts().put(stolen, NOW));
    Put elsewhere = new Put(new TenantId(Owner.random(16)), anne.uid, record, anne.put(record).wraps(), List.of());
    assertEquals(new Stored.Unfit(Fault.WRONG_CONTEXT), accounts().put(elsewhere, NOW));
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(record), NOW));
  }

  @Test
  default void a_record_with_a_wrong_signature_or_a_hole_before_it_is_refused() {
    Owner anne = somebody();
    AccountRecord first = anne.genesis(Owner.Keys.make());
    AccountRecord forged = new AccountRecord(first.statement(), new Signature(first.pops().getFirst().bytes()),
        first.continuity(), first.pops());
    assertEquals(new Stored.Unfit(Fault.BAD_SIGNATURE), accounts().put(anne.put(forged), NOW));
    AccountRecord second = anne.add(first, Owner.Keys.make());
    assertEquals(new Stored.Unfit(Fault.BROKEN_CHAIN), accounts().put(anne.put(second), NOW));
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(first), NOW));
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(second), NOW));
  }

  @Test
  default void a_revoked_device_loses_its_wraps_and_the_others_get_the_new_key() {
    Owner anne = somebody();
    Owner.Keys phone = Owner.Keys.make();
    Owner.Keys laptop = Owner.Keys.make();
    AccountRecord first = anne.genesis(phone);
    AccountRecord second = anne.add(first, laptop);
    AccountRecord third = anne.revoke(second, phone.id());
    for (AccountRecord record : List.of(first, second, third)) {
      assertInstanceOf(Stored.Now.class, accounts().put(anne.put(record), NOW));
    }
    assertEquals(List.of(), accounts().wraps(anne.uid, phone.id(), 0).wraps());
    assertEquals(List.of(2L, 3L), seqs(accounts().wraps(anne.uid, laptop.id(), 0)));
    assertEquals(List.of(3L), seqs(accounts().wraps(anne.uid, laptop.id(), 2)));
  }

  @Test
  default void there_is_one_wrap_for_each_device_and_it_begins_with_a_point() {
    Owner anne = somebody();
    AccountRecord first = anne.genesis(Owner.Keys.make());
    ByteString good = Owner.wrap();
    assertEquals(new Stored.Unfit(Fault.WRONG_LENGTH), wrapped(anne, first));
    assertEquals(new Stored.Unfit(Fault.WRONG_LENGTH), wrapped(anne, first, good, good));
    assertEquals(new Stored.Unfit(Fault.WRONG_LENGTH), wrapped(anne, first, good.substring(1)));
    assertEquals(new Stored.Unfit(Fault.MALFORMED_POINT),
        wrapped(anne, first, ByteString.copyFrom(new byte[]{2}).concat(good.substring(1))));
    assertEquals(new Stored.Unfit(Fault.INVALID_POINT), wrapped(anne, first,
        good.substring(0, 1).concat(ByteString.copyFrom(new byte[64])).concat(good.substring(65))));
    assertInstanceOf(Stored.Now.class, wrapped(anne, first, good));
  }

  @Test
  default void nobodys_key_is_used_a_second_time() {
    Owner anne = somebody();
    Owner.Keys phone = Owner.Keys.make();
    AccountRecord first = anne.genesis(phone);
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(first), NOW));
    Owner bob = somebody();
    Owner.Keys stolen = new Owner.Keys(new DeviceId(Owner.random(16)), phone.signing(), Owner.pair());
    assertEquals(new Stored.Unfit(Fault.KEY_REUSED), accounts().put(bob.put(bob.genesis(stolen)), NOW));
    assertNull(accounts().newest(bob.uid));
    KeyPair old = anne.key();
    AccountRecord second = anne.turn(first);
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(second), NOW));
    assertEquals(new Stored.Unfit(Fault.KEY_REUSED), accounts().put(anne.put(anne.turn(second, old)), NOW));
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(anne.turn(second)), NOW));
  }

  @Test
  default void a_reset_needs_somebody_to_stand_for_it_and_the_old_root_takes_it_back() {
    Owner anne = somebody();
    Owner.Keys phone = Owner.Keys.make();
    AccountRecord first = anne.genesis(phone);
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(first), NOW));
    KeyPair root = anne.root();
    assertEquals(new Stored.Refused(ErrorCode.UNSUPPORTED),
        accounts().put(anne.put(anne.reset(first, phone, false)), NOW));
    AccountRecord reset = anne.reset(first, phone, true);
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(reset), NOW));
    anne.nowMs = NOW + 23L * 3_600_000;
    AccountRecord veto = anne.veto(reset, root, first.statement().devices());
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(veto), anne.nowMs));
    assertEquals(veto, accounts().newest(anne.uid));
  }

  @Test
  default void a_day_after_a_reset_the_old_root_comes_too_late() {
    Owner anne = somebody();
    Owner.Keys phone = Owner.Keys.make();
    AccountRecord first = anne.genesis(phone);
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(first), NOW));
    KeyPair root = anne.root();
    AccountRecord reset = anne.reset(first, phone, true);
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(reset), NOW));
    anne.nowMs = NOW + 24L * 3_600_000 + 1;
    AccountRecord veto = anne.veto(reset, root, first.statement().devices());
    assertEquals(new Stored.Unfit(Fault.RULE_BROKEN), accounts().put(anne.put(veto), anne.nowMs));
    // With a time of its own choice neither.
    anne.nowMs = NOW;
    AccountRecord backdated = anne.veto(reset, root, first.statement().devices());
    assertEquals(new Stored.Unfit(Fault.OUT_OF_RANGE), accounts().put(anne.put(backdated), NOW + 24L * 3_600_000 + 1));
  }

  @Test
  default void keys_turn_ten_times_a_day_at_most() {
    Owner anne = somebody();
    AccountRecord last = anne.genesis(Owner.Keys.make());
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(last), NOW));
    for (int i = 0; i < AccountRules.TURNS_PER_DAY_MAX; i++) {
      last = anne.turn(last);
      assertInstanceOf(Stored.Now.class, accounts().put(anne.put(last), NOW));
    }
    AccountRecord more = anne.turn(last);
    assertEquals(new Stored.Refused(ErrorCode.TOO_FAST), accounts().put(anne.put(more), NOW));
    anne.nowMs = NOW + 24L * 3_600_000;
    AccountRecord tomorrow = anne.turn(last);
    assertInstanceOf(Stored.Now.class, accounts().put(anne.put(tomorrow), anne.nowMs));
    assertEquals(tomorrow, requireNonNull(accounts().newest(anne.uid)));
  }

  private Stored wrapped(Owner owner, AccountRecord record, ByteString... wraps) {
    return accounts().put(new Put(TENANT, owner.uid, record, List.of(wraps), List.of()), NOW);
  }

  private static List<Long> seqs(Accounts.Wraps wraps) {
    return wraps.wraps().stream().map(Accounts.Wrap::seq).toList();
  }
}
