// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.e2ee.PlayedDevice.SwitchedOff;
import io.e2relay.protocol.id.DeviceId;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Whatever an account is in the middle of, its device may be switched off before every single step: it goes on, or
/// begins anew, when it is on again.
final class AccountKillIT {
  private static final String PASSWORD = "tulip anvil mango scooter";
  private static final String NEXT = "violet harbour cactus engine";
  private static final Authority BY_PASSWORD = new Authority.Password(PASSWORD);

  private static final World BASE = new World();
  private static String code = "";
  private static DeviceId laptopsId;

  /// A service and two devices; each try begins with a copy.
  private static final class World {
    final PlayedAccounts accounts;
    final PlayedDevice phone;
    final PlayedDevice laptop;
    // In no account.
    final PlayedDevice tablet;

    World() {
      this.accounts = new PlayedAccounts();
      this.phone = new PlayedDevice(accounts);
      this.laptop = new PlayedDevice(accounts);
      this.tablet = new PlayedDevice(accounts);
    }

    World(World other) {
      this.accounts = new PlayedAccounts(other.accounts);
      this.phone = new PlayedDevice(other.phone, accounts);
      this.laptop = new PlayedDevice(other.laptop, accounts);
      this.tablet = new PlayedDevice(other.tablet, accounts);
    }

    Account restored(String password) {
      return PlayedDevice.entered(new PlayedDevice(accounts).on().restore(password));
    }
  }

  @BeforeAll
  static void make_an_account_with_two_devices() {
    Account phone = PlayedDevice.entered(BASE.phone.on().create(PASSWORD));
    code = phone.secrets().orElseThrow().recoveryCode();
    phone.secretsShown();
    laptopsId = PlayedDevice.entered(BASE.laptop.on().restore(PASSWORD)).device();
    phone.refresh();
    phone.alarms().forEach(phone::acknowledge);
  }

  @Test
  void an_account_is_made_once_and_its_secrets_are_shown() {
    World nothing = new World();
    int steps = everywhere(nothing, world -> world.phone, world -> world.phone.on().create(PASSWORD), world -> {
      Entry entry = world.phone.on().enter();
      if (entry instanceof Entry.Refused(AccountProblem problem)) {
        assertEquals(new AccountProblem.NoAccount(), problem);
        entry = world.phone.on().create(PASSWORD);
      }
      Account account = PlayedDevice.entered(entry);
      assertEquals(List.of(), account.alarms());
      assertEquals(1, world.accounts.accountSeq());
      assertEquals(1, account.keys().generations().size());
      assertEquals(34, account.secrets().orElseThrow().recoveryCode().replace("-", "").length());
      account.secretsShown();
      assertEquals(List.of(), world.phone.vault.keys(Vault.PASSING));
      world.restored(PASSWORD);
    });
    assertTrue(steps > 10);
    System.out.println("shown: account-kill what=create steps=" + steps);
  }

  @Test
  void an_account_without_a_backup_is_made_once() {
    int steps = everywhere(new World(), world -> world.phone, world -> world.phone.on().createStrict(), world -> {
      Entry entry = world.phone.on().enter();
      Account account = PlayedDevice.entered(entry instanceof Entry.Refused ? world.phone.on().createStrict() : entry);
      assertEquals(1, world.accounts.accountSeq());
      assertEquals(1, account.keys().generations().size());
      assertEquals(List.of(), world.phone.vault.keys(Vault.PASSING));
    });
    System.out.println("shown: account-kill what=create-strict steps=" + steps);
  }

  @Test
  void a_device_restores_by_the_password_once() {
    int steps = everywhere(BASE, world -> world.tablet, world -> world.tablet.on().restore(PASSWORD), world -> {
      Entry entry = world.tablet.on().enter();
      if (entry instanceof Entry.Refused(AccountProblem problem)) {
        assertEquals(new AccountProblem.NotInAccount(), problem);
        entry = world.tablet.on().restore(PASSWORD);
      }
      Account account = PlayedDevice.entered(entry);
      assertEquals(List.of(), account.alarms());
      assertEquals(3, world.accounts.accountSeq());
      assertEquals(1, account.keys().generations().size());
    });
    System.out.println("shown: account-kill what=restore steps=" + steps);
  }

  @Test
  void a_device_restores_by_the_code_and_one_of_the_passwords_is_right() {
    int steps = everywhere(BASE, world -> world.tablet, world -> world.tablet.on().recover(code, NEXT), world -> {
      Entry entry = world.tablet.on().enter();
      if (entry instanceof Entry.Refused(AccountProblem problem)) {
        assertEquals(new AccountProblem.NotInAccount(), problem);
        entry = world.tablet.on().recover(code, NEXT);
      }
      Account account = PlayedDevice.entered(entry);
      assertEquals(List.of(), account.alarms());
      assertEquals(List.of(), world.tablet.vault.keys(Vault.PASSING));
      world.restored(NEXT);
    });
    System.out.println("shown: account-kill what=recover steps=" + steps);
  }

  @Test
  void a_device_is_revoked_or_it_is_not_and_no_key_is_lost() {
    int steps = everywhere(BASE, world -> world.phone, world -> world.phone.entered().revoke(laptopsId, BY_PASSWORD),
        world -> {
          Account account = world.phone.entered();
          assertEquals(List.of(), account.alarms());
          if (account.devices().size() == 2) {
            assertEquals(2, world.accounts.accountSeq());
            assertEquals(new Change.Done(), account.revoke(laptopsId, BY_PASSWORD));
          }
          assertEquals(3, world.accounts.accountSeq());
          assertEquals(2, account.keys().generations().size());
          assertEquals(account.keys().generations().lastEntry().getValue().publicKey(),
              world.restored(PASSWORD).keys().generations().lastEntry().getValue().publicKey());
        });
    System.out.println("shown: account-kill what=revoke steps=" + steps);
  }

  @Test
  void a_device_that_this_one_adds_is_never_an_alarm_to_it() {
    Offered offered = BASE.tablet.on().offer().orElseThrow();
    int steps = everywhere(BASE, world -> world.phone,
        world -> world.phone.entered().addDevice(offered.enrolment(), offered.code(), BY_PASSWORD), world -> {
          Account account = world.phone.entered();
          assertEquals(List.of(), account.alarms());
          assertEquals(new Change.Done(), account.addDevice(offered.enrolment(), offered.code(), BY_PASSWORD));
          assertEquals(3, world.accounts.accountSeq());
          assertEquals(List.of(), account.alarms());
        });
    System.out.println("shown: account-kill what=add steps=" + steps);
  }

  @Test
  void a_password_is_the_old_or_the_new_one_and_the_recovery_code_opens_at_every_moment() {
    int steps = everywhere(BASE, world -> world.phone, world -> world.phone.entered().changePassword(PASSWORD, NEXT),
        world -> {
          // Before the device is on again: whoever lost it for good gets in.
          World lost = new World(world);
          PlayedDevice.entered(new PlayedDevice(lost.accounts).on().recover(code, "orchid lantern walrus pepper"));
          Account account = world.phone.entered();
          assertEquals(List.of(), world.phone.vault.keys(Vault.PASSING));
          Change again = account.changePassword(PASSWORD, NEXT);
          assertTrue(
              again instanceof Change.Done || again.equals(new Change.Refused(new AccountProblem.WrongSecret())));
          world.restored(NEXT);
        });
    System.out.println("shown: account-kill what=change-password steps=" + steps);
  }

  @Test
  void whoever_logs_out_is_out_in_the_end() {
    int steps = everywhere(BASE, world -> world.phone, world -> world.phone.entered().logOut(), world -> {
      boolean begun = world.phone.vault.get("account/leaving").isPresent() || world.phone.vault.keys("").isEmpty();
      Entry entry = world.phone.on().enter();
      if (begun) {
        assertEquals(new Entry.Refused(new AccountProblem.NotInAccount()), entry);
        assertEquals(List.of(), world.phone.vault.keys("account/"));
        assertEquals(0, world.phone.keys().generations().size());
        assertNotEquals(BASE.phone.keys().device(), world.phone.keys().device());
        assertTrue(world.accounts.retired.contains(BASE.phone.keys().device()));
      } else {
        assertInstanceOf(Entry.Entered.class, entry);
      }
    });
    System.out.println("shown: account-kill what=log-out steps=" + steps);
  }

  private interface Chosen {
    PlayedDevice of(World world);
  }

  /// Switches the device off before step after step of the work, until it comes to its end; after each, the world is to
  /// be as it should.
  private static int everywhere(World base, Chosen device, Consumer<World> work, Consumer<World> check) {
    for (int step = 0;; step++) {
      World world = new World(base);
      device.of(world).switchOffAt(step);
      boolean off = false;
      try {
        work.accept(world);
      } catch (SwitchedOff _) {
        off = true;
      }
      device.of(world).switchOffNever();
      check.accept(world);
      if (!off) {
        return step;
      }
    }
  }
}
