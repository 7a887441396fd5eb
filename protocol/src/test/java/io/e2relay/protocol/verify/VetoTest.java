// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import static io.e2relay.protocol.verify.AccountChainTest.invalid;
import static io.e2relay.protocol.verify.AccountChainTest.value;
import static io.e2relay.protocol.verify.AccountChainTest.verdict;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.Fault;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// Taking an account back from whoever reset it.
final class VetoTest {
  private static final long DAY_MS = 24 * TestAccount.HOUR_MS;

  private final TestAccount owner = new TestAccount(0xaa);
  private final TestAccount stolen = thief(owner);
  private final AccountChain taken = value(value(AccountChain.from(owner.record())).next(stolen.record()));

  @Test
  void the_owner_takes_the_account_back() {
    AccountChain back = value(taken.next(veto(stolen, owner).record()));
    assertEquals(owner.ark.point(), back.last().statement().ark());
    assertEquals(1, taken.resets().size());
    assertEquals(0, back.resets().size());
  }

  @Test
  void without_a_reset_there_is_nothing_to_undo() {
    TestAccount veto = owner.next(AccountKind.RESET_VETOED).nextAek();
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(value(AccountChain.from(owner.record())).next(veto.record())));
  }

  @Test
  void a_day_later_it_is_too_late() {
    TestAccount veto = veto(stolen, owner);
    veto.createdMs = stolen.createdMs + DAY_MS;
    assertEquals(Verdict.VALID, verdict(taken.next(veto.record())));
    veto.createdMs++;
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(taken.next(veto.record())));
  }

  @Test
  void somebody_elses_root_undoes_nothing() {
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(taken.next(veto(stolen, owner).nextArk().record())));
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(taken.next(veto(stolen, stolen).record())));
  }

  @Test
  void the_thief_s_devices_do_not_stay() {
    TestAccount veto = veto(stolen, owner);
    veto.devices = new ArrayList<>(stolen.devices);
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(taken.next(veto.record())));
    veto.devices = new ArrayList<>(owner.devices);
    veto.with(veto.device(9));
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(taken.next(veto.record())));
    veto.devices = new ArrayList<>();
    assertEquals(Verdict.VALID, verdict(taken.next(veto.record())));
  }

  @Test
  void the_key_that_the_thief_had_is_not_used_again() {
    TestAccount veto = veto(stolen, owner);
    veto.aek = stolen.aek;
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(taken.next(veto.record())));
    veto.aekGen = owner.aekGen;
    veto.aek = owner.aek;
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(taken.next(veto.record())));
  }

  @Test
  void a_thief_who_resets_twice_does_not_outrun_the_owner() {
    TestAccount again = thief(stolen);
    AccountChain twice = value(taken.next(again.record()));
    assertEquals(Verdict.VALID, verdict(twice.next(veto(again, owner).record())));
  }

  @Test
  void a_thief_who_goes_on_after_the_reset_does_not_outrun_the_owner() {
    TestAccount rotated = stolen.next(AccountKind.AEK_ROTATED).nextAek();
    AccountChain further = value(taken.next(rotated.record()));
    assertEquals(Verdict.VALID, verdict(further.next(veto(rotated, owner).record())));
  }

  @Test
  void a_thief_cannot_veto_the_veto() {
    TestAccount again = thief(stolen);
    TestAccount owned = veto(again, owner);
    AccountChain back = value(value(taken.next(again.record())).next(owned.record()));
    assertEquals(invalid(Fault.RULE_BROKEN), verdict(back.next(veto(owned, stolen).record())));
    assertEquals(Verdict.VALID, verdict(back.next(owned.next(AccountKind.AEK_ROTATED).nextAek().record())));
  }

  private static TestAccount thief(TestAccount before) {
    TestAccount reset = before.next(AccountKind.IDENTITY_RESET).nextArk().nextAek();
    reset.devices = new ArrayList<>();
    return reset.with(reset.device((int) reset.seq));
  }

  /// Signed with the root and for the devices of before, behind the last record.
  private static TestAccount veto(TestAccount last, TestAccount before) {
    TestAccount veto = last.next(AccountKind.RESET_VETOED).nextAek();
    veto.ark = before.ark;
    veto.devices = new ArrayList<>(before.devices);
    return veto;
  }
}
