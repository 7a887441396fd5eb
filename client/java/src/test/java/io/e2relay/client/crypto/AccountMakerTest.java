// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.value;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Continuity;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.verify.AccountChain;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class AccountMakerTest {
  private final TestUser alice = new TestUser(0xaa);
  private final DeviceKeys phone = DeviceKeys.generate();
  private final AgreementKey next = AgreementKey.generate();

  @Test
  void the_first_record_lists_the_device_and_gives_it_the_users_key() {
    MadeAccount made = alice.maker().first(next, List.of(alice.offer(alice.keys)), TestUser.NOW_MS);
    assertEquals(AccountKind.GENESIS, made.record().statement().kind());
    assertEquals(made.chain(), value(AccountChain.from(TestUser.again(made.record()))));
    assertEquals(Set.of(alice.keys.device()), made.wraps().keySet());
    assertHolds(made, alice.keys, next);
  }

  @Test
  void a_device_that_comes_later_gets_the_same_key() {
    MadeAccount made = added();
    assertEquals(2, made.record().statement().devices().size());
    assertEquals(2, made.record().statement().device(phone.device()).orElseThrow().addedSeq());
    assertHolds(made, alice.keys, alice.aek());
    assertHolds(made, phone, alice.aek());
    assertFollows(alice.chain, made);
  }

  @Test
  void a_device_that_is_revoked_gets_no_next_key() {
    MadeAccount both = added();
    MadeAccount made = alice.maker().revoke(both.chain(), next, Set.of(phone.device()), TestUser.NOW_MS);
    assertEquals(Set.of(alice.keys.device()), made.wraps().keySet());
    assertHolds(made, alice.keys, next);
    assertFollows(both.chain(), made);
    refused(Fault.RULE_BROKEN, () -> alice.maker().revoke(alice.chain, next, Set.of(phone.device()), TestUser.NOW_MS));
  }

  @Test
  void the_next_key_is_for_the_same_devices() {
    MadeAccount made = alice.maker().rotate(alice.chain, next, TestUser.NOW_MS);
    assertHolds(made, alice.keys, next);
    assertFollows(alice.chain, made);
    refused(Fault.RULE_BROKEN, () -> alice.maker().rotate(alice.chain, alice.aek(), TestUser.NOW_MS));
  }

  @Test
  void a_reset_is_vouched_for_by_whoever_still_can() {
    SigningKey old = alice.ark;
    alice.ark = SigningKey.generate();
    List<DeviceOffer> offers = List.of(alice.offer(phone), alice.offer(alice.keys));
    for (ResetBy by : List.of(new ResetBy.Nobody(), new ResetBy.Root(old), new ResetBy.Device(alice.keys))) {
      MadeAccount made = alice.maker().reset(alice.chain, next, offers, by, TestUser.NOW_MS);
      assertEquals(by instanceof ResetBy.Nobody, made.record().continuity() instanceof Continuity.None);
      assertEquals(alice.record().statement().devices().getFirst(),
          made.record().statement().device(alice.keys.device()).orElseThrow(), "who stays keeps its entry");
      assertHolds(made, phone, next);
      assertFollows(alice.chain, made);
    }
    refused(Fault.BAD_SIGNATURE,
        () -> alice.maker().reset(alice.chain, next, offers, new ResetBy.Root(SigningKey.generate()), TestUser.NOW_MS));
    refused(Fault.NOT_A_SIGNER,
        () -> alice.maker().reset(alice.chain, next, offers, new ResetBy.Device(phone), TestUser.NOW_MS));
  }

  @Test
  void the_old_root_takes_the_account_back() {
    SigningKey old = alice.ark;
    MadeAccount both = added();
    alice.take(both, alice.aek());
    alice.reset();
    MadeAccount made = new AccountMaker(alice.account, old).veto(alice.chain, next, Set.of(phone.device()),
        TestUser.NOW_MS);
    assertEquals(old.publicKey(), made.record().statement().ark());
    assertEquals(Set.of(alice.keys.device()), made.wraps().keySet());
    assertHolds(made, alice.keys, next);
    assertFollows(alice.chain, made);
    refused(Fault.RULE_BROKEN, () -> new AccountMaker(alice.account, SigningKey.generate()).veto(alice.chain, next,
        Set.of(), TestUser.NOW_MS));
  }

  @Test
  void without_a_backup_the_root_is_wrapped_for_each_device() {
    var wraps = alice.maker().rootWraps(alice.record());
    ByteString wrap = requireNonNull(wraps.get(alice.keys.device()));
    var what = new Wrapping.AccountWrap(TestUser.TENANT, alice.uid(), alice.keys.device(), alice.record().hash());
    assertEquals(alice.ark.publicKey(),
        value(Wrapping.unwrap(alice.keys.agreement(), what, alice.ark.publicKey(), wrap)).publicKey());
    assertUnreadable(Fault.KEY_MISMATCH,
        Wrapping.unwrap(alice.keys.agreement(), what, SigningKey.generate().publicKey(), wrap));
  }

  @Test
  void an_offer_for_another_account_or_root_is_refused() {
    DeviceOffer elsewhere = new TestUser(0xbb).offer(phone);
    refused(Fault.BAD_SIGNATURE,
        () -> alice.maker().add(alice.chain, alice.aek(), List.of(elsewhere), TestUser.NOW_MS));
    DeviceOffer stale = alice.offer(phone);
    alice.reset();
    refused(Fault.BAD_SIGNATURE, () -> alice.maker().add(alice.chain, alice.aek(), List.of(stale), TestUser.NOW_MS));
    assertEquals(2, added().record().statement().devices().size());
  }

  private MadeAccount added() {
    return alice.maker().add(alice.chain, alice.aek(), List.of(alice.offer(phone)), TestUser.NOW_MS);
  }

  private static void assertFollows(AccountChain before, MadeAccount made) {
    AccountRecord read = TestUser.again(made.record());
    assertEquals(made.chain(), value(before.next(read)));
  }

  private void assertHolds(MadeAccount made, DeviceKeys device, AgreementKey aek) {
    var statement = made.record().statement();
    var what = new Wrapping.DeviceWrap(TestUser.TENANT, alice.uid(), device.device(), statement.aekGen(),
        made.record().hash());
    ByteString wrap = made.wrapFor(device.device());
    assertEquals(aek.publicKey(), value(Wrapping.unwrap(device.agreement(), what, statement.aek(), wrap)).publicKey());
  }

  private static void refused(Fault fault, Executable make) {
    assertEquals(fault.name(), assertThrows(IllegalArgumentException.class, make).getMessage());
  }
}
