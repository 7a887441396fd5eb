// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.account;

import static io.e2relay.keyservice.account.AccountsContract.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.keyservice.account.LoginRule.Verdict;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.LoginStatement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LoginRuleTest {
  private static final Duration IDLE = Duration.ofDays(90);
  private static final long DAY_MS = Duration.ofDays(1).toMillis();
  private static final ByteString NONCE = Owner.random(LoginStatement.NONCE_BYTES);

  private final Owner anne = AccountsContract.somebody();
  private final Owner.Keys phone = Owner.Keys.make();
  // Added at NOW, in record 1.
  private final AccountRecord account = anne.genesis(phone);

  @Test
  void a_device_proves_itself_with_its_key_and_nothing_else() {
    assertEquals(Verdict.PROVEN, judge(phone, null, login(phone), NOW));
    assertEquals(Verdict.UNPROVEN, judge(phone, null, null, NOW));
    assertEquals(Verdict.UNPROVEN, judge(phone, null, login(thief()), NOW));
    Owner.Keys other = Owner.Keys.make();
    assertEquals(Verdict.STRANGER, judge(other, null, null, NOW));
    assertEquals(Verdict.UNPROVEN, judge(other, null, login(other), NOW));
  }

  @Test
  void away_for_ninety_days_is_not_too_long_and_a_moment_more_is() {
    long limit = IDLE.toMillis();
    assertEquals(Verdict.PROVEN, judge(phone, new DeviceUse(NOW, 0), login(phone), NOW + limit));
    assertEquals(Verdict.IDLE, judge(phone, new DeviceUse(NOW, 0), login(phone), NOW + limit + 1));
    // What was never here counts from when it was added.
    assertEquals(Verdict.PROVEN, judge(phone, null, login(phone), NOW + limit));
    assertEquals(Verdict.IDLE, judge(phone, null, login(phone), NOW + limit + 1));
    assertEquals(Verdict.PROVEN, judge(phone, new DeviceUse(NOW + 1, 0), login(phone), NOW + limit + 1));
  }

  @Test
  void only_who_was_away_too_long_may_come_without_a_proof_and_never_with_a_wrong_one() {
    long late = NOW + IDLE.toMillis() + 1;
    assertEquals(Verdict.LOCKED, judge(phone, new DeviceUse(NOW, 0), null, late));
    assertEquals(Verdict.UNPROVEN, judge(phone, new DeviceUse(NOW, 0), login(thief()), late));
    assertEquals(Verdict.UNPROVEN, judge(phone, new DeviceUse(NOW + 1, 0), null, late));
  }

  @Test
  void a_retired_device_is_refused_whatever_it_shows_until_a_later_record_adds_it() {
    for (LoginRule.Login login : new LoginRule.@Nullable Login[]{login(phone), null}) {
      assertEquals(Verdict.UNPROVEN, judge(phone, new DeviceUse(NOW, 1), login, NOW));
      assertEquals(Verdict.UNPROVEN, judge(phone, new DeviceUse(NOW, 1), login, NOW + IDLE.toMillis() + 1));
    }
    AccountRecord without = anne.revoke(account, phone.id());
    AccountRecord again = anne.add(without, phone);
    assertEquals(Verdict.PROVEN, LoginRule.judge(again, phone.id(), new DeviceUse(NOW, 2), login(phone), now(NOW)));
    assertEquals(Verdict.UNPROVEN, LoginRule.judge(again, phone.id(), new DeviceUse(NOW, 3), login(phone), now(NOW)));
  }

  @Test
  void that_a_device_is_here_is_noted_once_a_day() {
    assertFalse(new DeviceUse(NOW, 0).stale(NOW + DAY_MS - 1));
    assertTrue(new DeviceUse(NOW, 0).stale(NOW + DAY_MS));
  }

  private Verdict judge(Owner.Keys device, @Nullable DeviceUse use, LoginRule.@Nullable Login login, long nowMs) {
    return LoginRule.judge(account, device.id(), use, login, now(nowMs));
  }

  private static LoginRule.Now now(long nowMs) {
    return new LoginRule.Now(nowMs, IDLE);
  }

  private Owner.Keys thief() {
    return new Owner.Keys(phone.id(), Owner.Keys.make().signing(), phone.opening());
  }

  private LoginRule.Login login(Owner.Keys device) {
    return new LoginRule.Login(new LoginStatement(anne.tenant, anne.uid, device.id(), NONCE, "e2relay", anne.nowMs),
        anne.login(device, NONCE, "e2relay"));
  }
}
