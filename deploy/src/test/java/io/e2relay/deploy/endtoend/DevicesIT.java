// SPDX-License-Identifier: Apache-2.0
package io.e2relay.deploy.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.e2relay.client.Relay;
import io.e2relay.client.crypto.KeyStorage;
import io.e2relay.client.crypto.Pkcs12KeyStorage;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.client.e2ee.Account;
import io.e2relay.client.e2ee.AccountProblem;
import io.e2relay.client.e2ee.Alarm;
import io.e2relay.client.e2ee.Authority;
import io.e2relay.client.e2ee.BlockedException;
import io.e2relay.client.e2ee.Change;
import io.e2relay.client.e2ee.Entrance;
import io.e2relay.client.e2ee.Entry;
import io.e2relay.client.e2ee.FileVault;
import io.e2relay.client.e2ee.Offered;
import io.e2relay.client.e2ee.Secrets;
import io.e2relay.protocol.id.DeviceId;
import io.e2relay.protocol.record.Point;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// People with several devices, over real sockets, as the SDK makes them: restored, added, alarmed and put out.
final class DevicesIT {
  @RegisterExtension
  static final ServiceExtension SERVICE = new ServiceExtension();

  private static final String PASSWORD = "tulip anvil mango scooter";
  private static final String NEXT = "violet harbour cactus engine";
  private static final Authority BY_PASSWORD = new Authority.Password(PASSWORD);

  @TempDir
  private Path folder = Path.of("");

  /// A device of somebody: a folder with its keys and its state.
  private final class Machine implements AutoCloseable {
    private final String user;
    private final FileVault vault;
    private final Entrance entrance;

    Machine(String user, String name) throws Exception {
      this.user = user;
      Path own = Files.createDirectories(folder.resolve(user).resolve(name));
      KeyStorage keys = new Pkcs12KeyStorage(own.resolve("keys.p12"), "of this device");
      this.vault = assertInstanceOf(FileVault.Opening.Opened.class, FileVault.open(own.resolve("state"), keys)).vault();
      this.entrance = Entrance.at(Relay.at(SERVICE.url().toString()).trusting(SERVICE.ca()), () -> SERVICE.token(user),
          keys, vault);
    }

    Machine again(String name) throws Exception {
      close();
      return new Machine(user, name);
    }

    @Override
    public void close() {
      entrance.close();
      vault.close();
    }
  }

  @Test
  void a_second_device_restores_by_the_passphrase_and_has_the_same_keys() throws Exception {
    Secrets secrets;
    try (Machine phone = new Machine("anne", "phone")) {
      assertEquals(refused(new AccountProblem.NoAccount()), phone.entrance.enter());
      Account account = entered(phone.entrance.create());
      secrets = account.secrets().orElseThrow();
      account.secretsShown();
    }
    // The next day: the same device, and another one.
    try (Machine phone = new Machine("anne", "phone"); Machine laptop = new Machine("anne", "laptop")) {
      Account first = entered(phone.entrance.enter());
      assertEquals(refused(new AccountProblem.NotInAccount()), laptop.entrance.enter());
      Account second = entered(laptop.entrance.restore(secrets.passphrase().orElseThrow().reveal()));
      acknowledge(first);
      assertEquals(newest(first), newest(second));
      assertEquals(2, second.devices().size());
    }
    Shown.line("restore by=passphrase words=6 devices=2 same_key=true");
  }

  @Test
  void a_second_device_restores_by_the_recovery_code_and_sets_a_new_password() throws Exception {
    try (Machine phone = new Machine("bea", "phone");
        Machine laptop = new Machine("bea", "laptop");
        Machine tablet = new Machine("bea", "tablet")) {
      Account first = entered(phone.entrance.create(PASSWORD));
      String code = first.secrets().orElseThrow().recoveryCode();
      Point key = newest(first);
      assertEquals(refused(new AccountProblem.MistypedCode()), laptop.entrance.recover(code + "0", NEXT));
      assertEquals(key, newest(entered(laptop.entrance.recover(code, NEXT))));
      assertEquals(refused(new AccountProblem.WrongSecret()), tablet.entrance.restore(PASSWORD));
      assertEquals(key, newest(entered(tablet.entrance.restore(NEXT))));
    }
    Shown.line("restore by=recovery_code devices=3 old_password=WrongSecret new_password=opens");
  }

  @Test
  void five_wrong_passwords_and_then_not_even_the_right_one() throws Exception {
    try (Machine phone = new Machine("cleo", "phone"); Machine laptop = new Machine("cleo", "laptop")) {
      String code = entered(phone.entrance.create(PASSWORD)).secrets().orElseThrow().recoveryCode();
      for (int i = 0; i < 5; i++) {
        assertEquals(refused(new AccountProblem.WrongSecret()), laptop.entrance.restore("wrong " + PASSWORD + i));
      }
      Duration left = assertInstanceOf(AccountProblem.TooManyTries.class, problem(laptop.entrance.restore(PASSWORD)))
          .left();
      assertTrue(left.toMinutes() >= 10 && left.toMinutes() <= 15, left::toString);
      // The code is not guessed, and whoever has it is not kept waiting.
      assertEquals(2, entered(laptop.entrance.recover(code, NEXT)).devices().size());
      Shown.line("wrong-passwords compared=5 sixth=TooManyTries left_min=" + left.toMinutes());
    }
  }

  @Test
  void a_password_changes_on_one_device_and_the_others_stale_change_has_moved() throws Exception {
    try (Machine phone = new Machine("dina", "phone"); Machine laptop = new Machine("dina", "laptop")) {
      Account first = entered(phone.entrance.create(PASSWORD));
      Account second = entered(laptop.entrance.restore(PASSWORD));
      acknowledge(first);
      assertEquals(new Change.Done(), first.changePassword(PASSWORD, NEXT));
      assertEquals(new Change.Refused(new AccountProblem.Moved()), second.changePassword(PASSWORD, "third " + NEXT));
      assertEquals(new Change.Done(), second.changePassword(NEXT, "third " + NEXT));
    }
    Shown.line("password-change stale=Moved control=Done");
  }

  @Test
  void a_revoked_device_is_let_in_no_more_and_the_others_hear_of_the_next_key() throws Exception {
    Machine thief = new Machine("emma", "stolen");
    try (Machine phone = new Machine("emma", "phone"); Machine laptop = new Machine("emma", "laptop")) {
      Account first = entered(phone.entrance.create(PASSWORD));
      Account second = entered(laptop.entrance.restore(PASSWORD));
      Account stolen = entered(thief.entrance.restore(PASSWORD));
      acknowledge(first);
      acknowledge(second);
      Point before = newest(first);
      assertEquals(new Change.Done(), first.revoke(stolen.device(), BY_PASSWORD));
      assertEquals(2, first.keys().generations().size());
      // Nobody asked it to look: the service said that the account changed.
      Until.holds(Duration.ofSeconds(20), "the laptop has the next key", () -> second.keys().generations().size() == 2);
      assertEquals(newest(first), newest(second));
      assertTrue(!newest(second).equals(before));
    }
    try (Machine again = thief.again("stolen")) {
      assertEquals(refused(new AccountProblem.Removed()), again.entrance.enter());
      // Only who knows the password makes it a device again: another one.
      assertEquals(refused(new AccountProblem.WrongSecret()), again.entrance.restore(NEXT));
      assertEquals(2, entered(again.entrance.restore(PASSWORD)).keys().generations().size());
    }
    Shown.line("revoke devices=3 left=2 generations=2 revoked=Removed");
  }

  @Test
  void a_device_that_this_one_did_not_add_rings_and_blocks_until_its_user_has_seen_it() throws Exception {
    DeviceId added;
    try (Machine phone = new Machine("fiona", "phone"); Machine laptop = new Machine("fiona", "laptop")) {
      Account first = entered(phone.entrance.create(PASSWORD));
      BlockingQueue<Alarm> rung = new LinkedBlockingQueue<>();
      first.onAlarm(rung::add);
      assertEquals(1, first.keys().generations().size());
      added = entered(laptop.entrance.restore(PASSWORD)).device();
      Alarm.DeviceAdded alarm = assertInstanceOf(Alarm.DeviceAdded.class, rung.poll(20, TimeUnit.SECONDS));
      assertEquals(added, alarm.device());
      assertThrows(BlockedException.class, first::keys);
    }
    try (Machine phone = new Machine("fiona", "phone")) {
      Account first = entered(phone.entrance.enter());
      assertThrows(BlockedException.class, first::keys);
      acknowledge(first);
      assertEquals(1, first.keys().generations().size());
      // It was not the user: out with it, even while it rings.
      assertEquals(new Change.Done(), first.revoke(added, BY_PASSWORD));
    }
    Shown.line("unknown-device alarm=DeviceAdded blocked=true after_restart=blocked acknowledged=free");
  }

  @Test
  void a_device_is_added_by_its_code_to_an_account_without_a_backup() throws Exception {
    try (Machine phone = new Machine("greta", "phone");
        Machine laptop = new Machine("greta", "laptop");
        Machine tablet = new Machine("greta", "tablet")) {
      Account first = entered(phone.entrance.createStrict());
      Offered offered = laptop.entrance.offer().orElseThrow();
      Offered other = tablet.entrance.offer().orElseThrow();
      assertEquals(new Change.Refused(new AccountProblem.OtherDevice()),
          first.addDevice(other.enrolment(), offered.code(), new Authority.Device()));
      assertEquals(new Change.Done(), first.addDevice(offered.enrolment(), offered.code(), new Authority.Device()));
      assertEquals(List.of(), first.alarms());
      Account second = entered(laptop.entrance.enter());
      assertEquals(newest(first), newest(second));
      assertEquals(new Change.Done(), second.revoke(first.device(), new Authority.Device()));
      assertEquals(refused(new AccountProblem.WrongSecret()), tablet.entrance.restore(PASSWORD));
    }
    Shown.line("strict devices=2 added_by=code wrong_code=OtherDevice revoked=1 backup=none");
  }

  @Test
  void labels_and_marks_are_on_both_devices() throws Exception {
    try (Machine phone = new Machine("hanna", "phone"); Machine laptop = new Machine("hanna", "laptop")) {
      Account first = entered(phone.entrance.create(PASSWORD));
      Account second = entered(laptop.entrance.restore(PASSWORD));
      acknowledge(first);
      Point root = SigningKey.generate().publicKey();
      first.label(first.device(), "phone");
      second.label(second.device(), "laptop");
      second.verify(first.uid(), root);
      assertEquals(Map.of(first.device(), "phone", second.device(), "laptop"), first.labels());
      first.refreshMarks();
      assertTrue(first.isVerified(first.uid(), root));
    }
    Shown.line("self labels=2 marks=1 devices=2");
  }

  @Test
  void who_logs_out_is_out_and_comes_back_as_another_device() throws Exception {
    Machine laptop = new Machine("ida", "laptop");
    try (Machine phone = new Machine("ida", "phone")) {
      Account first = entered(phone.entrance.create(PASSWORD));
      Account second = entered(laptop.entrance.restore(PASSWORD));
      DeviceId before = second.device();
      second.logOut();
      acknowledge(first);
      try (Machine again = laptop.again("laptop")) {
        assertEquals(refused(new AccountProblem.NotInAccount()), again.entrance.enter());
        Account back = entered(again.entrance.restore(PASSWORD));
        assertTrue(!back.device().equals(before));
      }
    }
    Shown.line("log-out state=empty entered=NotInAccount restored=as_another_device");
  }

  private static void acknowledge(Account account) {
    account.refresh();
    account.alarms().forEach(account::acknowledge);
  }

  private static Point newest(Account account) {
    return account.keys().generations().lastEntry().getValue().publicKey();
  }

  private static Account entered(Entry entry) {
    return assertInstanceOf(Entry.Entered.class, entry).account();
  }

  private static AccountProblem problem(Entry entry) {
    return assertInstanceOf(Entry.Refused.class, entry).problem();
  }

  private static Entry refused(AccountProblem problem) {
    return new Entry.Refused(problem);
  }
}
