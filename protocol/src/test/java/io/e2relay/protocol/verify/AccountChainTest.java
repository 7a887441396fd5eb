// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Device;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.record.Signature;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// One record by itself, and what every kind may change; each refusal beside the same change done right.
final class AccountChainTest {
  private final TestAccount account = new TestAccount(0xaa);
  private final AccountChain chain = value(AccountChain.from(account.record()));

  @Test
  void a_first_record_is_valid_by_itself() {
    assertEquals(Verdict.VALID, AccountChain.alone(account.record()));
    assertEquals(List.of(), chain.resets());
  }

  @Test
  void a_chain_begins_with_the_first_record() {
    assertEquals(invalid(Fault.BROKEN_CHAIN),
        verdict(AccountChain.from(account.next(AccountKind.AEK_ROTATED).nextAek().record())));
  }

  @Test
  void a_point_off_the_curve_is_found_before_anything_else() {
    Point off = new Point(ByteString.fromHex("04").concat(TestAccount.bytes(64, 1)));
    account.aek = off;
    assertEquals(invalid(Fault.INVALID_POINT), AccountChain.alone(account.record()));
    TestAccount other = new TestAccount(0xaa);
    other.devices.set(0, other.first().as(entry(other.first().entry(), other.first().entry().dsk(), off)));
    assertEquals(invalid(Fault.INVALID_POINT), AccountChain.alone(unsigned(other.record())));
    other.devices.set(0, other.first().as(entry(other.first().entry(), off, account.ark.point())));
    assertEquals(invalid(Fault.INVALID_POINT), AccountChain.alone(other.record()));
  }

  @Test
  void a_key_for_two_purposes_is_found_before_the_signature() {
    account.aek = account.ark.point();
    assertEquals(invalid(Fault.KEY_REUSED), AccountChain.alone(unsigned(account.record())));
    TestAccount other = new TestAccount(0xaa);
    other.with(other.device(2)).devices.set(1, other.devices.get(1)
        .as(entry(other.devices.get(1).entry(), other.devices.get(1).entry().dsk(), other.first().entry().dek())));
    assertEquals(invalid(Fault.KEY_REUSED), AccountChain.alone(other.record()));
  }

  @Test
  void a_record_that_the_root_did_not_sign_is_refused() {
    assertEquals(invalid(Fault.BAD_SIGNATURE), AccountChain.alone(unsigned(account.record())));
  }

  @Test
  void a_record_signed_for_another_purpose_is_refused() {
    AccountRecord good = account.record();
    Signature elsewhere = account.ark.sign("account-cont", good.statement().tbs());
    assertEquals(invalid(Fault.BAD_SIGNATURE),
        AccountChain.alone(new AccountRecord(good.statement(), elsewhere, good.continuity(), good.pops())));
  }

  @Test
  void a_device_that_does_not_show_its_key_is_refused() {
    AccountRecord good = account.with(account.device(2)).record();
    assertEquals(Verdict.VALID, AccountChain.alone(good));
    assertEquals(invalid(Fault.BAD_SIGNATURE), AccountChain
        .alone(new AccountRecord(good.statement(), good.byRoot(), good.continuity(), good.pops().reversed())));
  }

  @Test
  void a_device_of_another_account_cannot_be_taken_over() {
    TestAccount thief = new TestAccount(0xbb);
    AccountRecord theirs = account.record();
    thief.devices.set(0, account.first());
    AccountRecord stolen = thief.record();
    AccountRecord copied = new AccountRecord(stolen.statement(), stolen.byRoot(), stolen.continuity(), theirs.pops());
    assertEquals(Verdict.VALID, AccountChain.alone(stolen), "with its private key it could");
    assertEquals(invalid(Fault.BAD_SIGNATURE), AccountChain.alone(copied));
  }

  @Test
  void the_same_record_again_is_nothing_new() {
    assertEquals(new Reading.Read<>(chain), chain.next(account.record()));
  }

  @Test
  void the_other_signature_of_the_same_record_makes_no_fork() {
    AccountRecord good = account.record();
    AccountRecord other = new AccountRecord(good.statement(), TestKey.other(good.byRoot()), good.continuity(),
        good.pops());
    assertEquals(new Reading.Read<>(chain), chain.next(other));
  }

  @Test
  void another_context_is_found_before_the_rest() {
    refused(Fault.WRONG_CONTEXT, rotated(next -> next.uid = new Uid(TestAccount.bytes(16, 0xbb))));
    refused(Fault.WRONG_CONTEXT, rotated(next -> next.tenant = new TenantId(TestAccount.bytes(16, 0x12))));
    refused(Fault.WRONG_CONTEXT, new TestAccount(0xbb));
  }

  @Test
  void a_lower_number_is_a_roll_back() {
    TestAccount next = rotated(_ -> {
    });
    assertEquals(invalid(Fault.ROLLED_BACK), verdict(value(chain.next(next.record())).next(account.record())));
  }

  @Test
  void another_record_of_the_same_number_is_a_fork() {
    TestAccount other = account.copy();
    other.createdMs++;
    refused(Fault.FORKED, other);
  }

  @Test
  void a_record_that_skips_or_follows_another_breaks_the_chain() {
    refused(Fault.BROKEN_CHAIN, rotated(next -> next.seq = 3));
    refused(Fault.BROKEN_CHAIN, rotated(next -> next.prev = account.next(AccountKind.AEK_ROTATED).record().hash()));
    accepted(rotated(_ -> {
    }));
  }

  @Test
  void adding_a_device_keeps_everything_else() {
    accepted(added(_ -> {
    }));
    refused(Fault.RULE_BROKEN, added(next -> next.without(2)));
    refused(Fault.RULE_BROKEN, added(next -> next.without(1)));
    refused(Fault.RULE_BROKEN, added(TestAccount::nextArk));
    refused(Fault.RULE_BROKEN, added(TestAccount::nextAek));
    refused(Fault.RULE_BROKEN, added(next -> next.aekGen++));
    refused(Fault.RULE_BROKEN, added(next -> next.aek = new TestKey().point()));
  }

  @Test
  void a_device_that_stays_is_unchanged_and_a_new_one_says_since_when() {
    refused(Fault.RULE_BROKEN, added(next -> {
      Device old = next.first().entry();
      next.devices.set(0, next.first().as(new Device(old.id(), old.dsk(), old.dek(), old.addedSeq(), 0)));
    }));
    refused(Fault.RULE_BROKEN, added(next -> next.devices.set(0,
        next.first().as(entry(next.first().entry(), next.first().entry().dsk(), new TestKey().point())))));
    refused(Fault.RULE_BROKEN, added(next -> {
      Device fresh = next.devices.get(1).entry();
      next.devices.set(1, next.devices.get(1).as(new Device(fresh.id(), fresh.dsk(), fresh.dek(), 1, fresh.addedMs())));
    }));
  }

  @Test
  void revoking_a_device_takes_the_key_it_knew_out_of_use() {
    TestAccount two = added(_ -> {
    });
    AccountChain before = value(chain.next(two.record()));
    assertInstanceOf(Reading.Read.class,
        before.next(two.next(AccountKind.DEVICE_REVOKED).nextAek().without(2).record()));
    assertInstanceOf(Reading.Read.class,
        before.next(two.next(AccountKind.DEVICE_REVOKED).nextAek().without(1).without(2).record()));
    assertEquals(invalid(Fault.RULE_BROKEN),
        verdict(before.next(two.next(AccountKind.DEVICE_REVOKED).without(2).record())), "the key stays");
    assertEquals(invalid(Fault.RULE_BROKEN),
        verdict(before.next(two.next(AccountKind.DEVICE_REVOKED).nextAek().record())), "nobody goes");
    TestAccount swapped = two.next(AccountKind.DEVICE_REVOKED).nextAek().without(2);
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(before.next(swapped.with(swapped.device(3)).record())));
    assertEquals(invalid(Fault.RULE_BROKEN),
        verdict(before.next(two.next(AccountKind.DEVICE_REVOKED).nextAek().nextArk().without(2).record())));
  }

  @Test
  void rotating_the_key_changes_nothing_else() {
    accepted(rotated(_ -> {
    }));
    refused(Fault.RULE_BROKEN, rotated(TestAccount::nextArk));
    refused(Fault.RULE_BROKEN, rotated(next -> next.aekGen++));
    refused(Fault.RULE_BROKEN, rotated(next -> next.aek = account.aek));
    refused(Fault.RULE_BROKEN, rotated(next -> next.without(1)));
    refused(Fault.RULE_BROKEN, rotated(next -> next.with(next.device(2))));
  }

  @Test
  void a_reset_changes_root_and_key() {
    accepted(reset(_ -> {
    }));
    accepted(reset(next -> next.with(next.device(2))));
    accepted(reset(next -> next.without(1).with(next.device(2))));
    refused(Fault.RULE_BROKEN, reset(next -> next.ark = account.ark));
    refused(Fault.RULE_BROKEN, reset(next -> next.aek = account.aek));
    refused(Fault.RULE_BROKEN, reset(next -> next.aekGen = 1));
  }

  @Test
  void who_stands_for_a_reset_must_have_signed_it() {
    accepted(reset(next -> next.continuity = s -> new Continuity.ByRoot(account.ark.sign("account-cont", s.tbs()))));
    accepted(reset(next -> next.continuity = s -> byDevice(account, 1, s.tbs())));
    refused(Fault.BAD_SIGNATURE,
        reset(next -> next.continuity = s -> new Continuity.ByRoot(next.ark.sign("account-cont", s.tbs()))));
    refused(Fault.BAD_SIGNATURE,
        reset(next -> next.continuity = s -> new Continuity.ByRoot(account.ark.sign("account", s.tbs()))));
    refused(Fault.BAD_SIGNATURE, reset(next -> next.continuity = s -> byDevice(new TestAccount(0xaa), 1, s.tbs())));
    refused(Fault.NOT_A_SIGNER, reset(next -> next.continuity = s -> byDevice(account, 9, s.tbs())));
  }

  private static Continuity byDevice(TestAccount by, int name, ByteString tbs) {
    return new Continuity.ByDevice(new DeviceId(TestAccount.bytes(16, name)),
        by.first().dsk().sign("account-cont", tbs));
  }

  private static Device entry(Device from, Point dsk, Point dek) {
    return new Device(from.id(), dsk, dek, from.addedSeq(), from.addedMs());
  }

  private static AccountRecord unsigned(AccountRecord record) {
    return new AccountRecord(record.statement(), new Signature(TestAccount.bytes(64, 1)), record.continuity(),
        record.pops());
  }

  private TestAccount rotated(Consumer<TestAccount> change) {
    return changed(account.next(AccountKind.AEK_ROTATED).nextAek(), change);
  }

  private TestAccount added(Consumer<TestAccount> change) {
    TestAccount next = account.next(AccountKind.DEVICE_ADDED);
    return changed(next.with(next.device(2)), change);
  }

  private TestAccount reset(Consumer<TestAccount> change) {
    return changed(account.next(AccountKind.IDENTITY_RESET).nextArk().nextAek(), change);
  }

  private static TestAccount changed(TestAccount next, Consumer<TestAccount> change) {
    change.accept(next);
    return next;
  }

  private void accepted(TestAccount next) {
    assertEquals(next.record().hash(), value(chain.next(next.record())).last().hash());
  }

  private void refused(Fault fault, TestAccount next) {
    assertEquals(invalid(fault), verdict(chain.next(next.record())));
  }

  static Verdict invalid(Fault fault) {
    return new Verdict.Invalid(fault);
  }

  static <T> T value(Reading<T> reading) {
    return switch (reading) {
      case Reading.Read<T>(T value) -> value;
      case Reading.Unreadable<T>(Fault fault) -> throw new AssertionError(fault);
    };
  }

  static Verdict verdict(Reading<?> reading) {
    return switch (reading) {
      case Reading.Read<?> _ -> Verdict.VALID;
      case Reading.Unreadable<?>(Fault fault) -> new Verdict.Invalid(fault);
    };
  }
}
