// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.e2ee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.client.crypto.DeviceKeys;
import io.e2relay.client.crypto.SigningKey;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKind;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.SelfKind;
import io.e2relay.protocol.wire.BackupTerms;
import io.e2relay.protocol.wire.ClientFrame;
import io.e2relay.protocol.wire.ServerFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// An account and its devices, with the service played.
final class AccountFlowIT {
  private static final String PASSWORD = "tulip anvil mango scooter";
  private static final String OTHER_PASSWORD = "violet harbour cactus engine";
  private static final Authority BY_PASSWORD = new Authority.Password(PASSWORD);
  private static final Uid FRIEND = new Uid(PlayedAccounts.bytes(9, Uid.BYTES));

  private final PlayedAccounts accounts = new PlayedAccounts();
  private final PlayedDevice phone = new PlayedDevice(accounts);
  private final PlayedDevice laptop = new PlayedDevice(accounts);

  @Test
  void a_new_account_shows_its_secrets_until_they_are_written_down() {
    assertEquals(refused(new AccountProblem.NoAccount()), phone.on().enter());
    Account account = PlayedDevice.entered(phone.on().create());
    Secrets secrets = account.secrets().orElseThrow();
    assertEquals(6, secrets.passphrase().orElseThrow().reveal().split(" ").length);
    assertEquals(secrets.recoveryCode(), phone.entered().secrets().orElseThrow().recoveryCode());
    account.secretsShown();
    assertEquals(Optional.empty(), phone.entered().secrets());
    assertEquals(List.of(), phone.vault.keys(Vault.PASSING));
    assertEquals(refused(new AccountProblem.AccountExists()), phone.on().create());
    assertEquals(refused(new AccountProblem.AccountExists()), laptop.on().create());
    Account restored = PlayedDevice.entered(laptop.on().restore(secrets.passphrase().orElseThrow().reveal()));
    assertEquals(account.keys().generations().firstEntry().getValue().publicKey(),
        restored.keys().generations().firstEntry().getValue().publicKey());
  }

  @Test
  void a_password_that_is_easily_guessed_is_refused_before_anything_is_made() {
    assertInstanceOf(AccountProblem.WeakPassword.class, problem(phone.on().create("password1234")));
    assertEquals(List.of(), phone.vault.keys(""));
    assertEquals(0, accounts.accountSeq());
    PlayedDevice.entered(phone.on().create(PASSWORD));
  }

  @Test
  void another_device_restores_and_the_first_one_is_alarmed_until_its_user_has_seen_it() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    assertEquals(refused(new AccountProblem.NotInAccount()), laptop.on().enter());
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    assertEquals(2, second.devices().size());
    assertEquals(List.of(), second.alarms());
    first.refresh();
    Alarm.DeviceAdded alarm = assertInstanceOf(Alarm.DeviceAdded.class, first.alarms().getFirst());
    assertEquals(second.device(), alarm.device());
    assertEquals(alarm, assertThrows(BlockedException.class, first::keys).alarm());
    // Switching it off and on makes it no better.
    Account again = phone.entered();
    assertThrows(BlockedException.class, again::keys);
    again.acknowledge(alarm);
    assertEquals(1, again.keys().generations().size());
    assertEquals(List.of(), phone.entered().alarms());
  }

  @Test
  void a_device_that_was_added_by_this_one_is_no_alarm_and_reads_the_newest_key() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    Offered offered = laptop.on().offer().orElseThrow();
    assertEquals(refusal(new AccountProblem.OtherDevice()), first.addDevice(offered.enrolment(),
        new PlayedDevice(accounts).on().offer().orElseThrow().code(), BY_PASSWORD));
    assertEquals(1, accounts.accountSeq());
    assertEquals(new Change.Done(), first.addDevice(offered.enrolment(), offered.code(), BY_PASSWORD));
    assertEquals(new Change.Done(), first.addDevice(offered.enrolment(), offered.code(), BY_PASSWORD));
    assertEquals(List.of(), first.alarms());
    Account second = laptop.entered();
    assertEquals(first.keys().generations().lastEntry().getValue().publicKey(),
        second.keys().generations().lastEntry().getValue().publicKey());
  }

  @Test
  void a_device_that_was_told_of_another_account_is_not_added() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    PlayedAccounts fake = new PlayedAccounts();
    PlayedDevice.entered(new PlayedDevice(fake).on().create(PASSWORD));
    Offered offered = new PlayedDevice(fake).on().offer().orElseThrow();
    assertEquals(refusal(new AccountProblem.Mistrusted(Fault.BAD_SIGNATURE)),
        first.addDevice(offered.enrolment(), offered.code(), BY_PASSWORD));
    String text = offered.enrolment();
    assertEquals(refusal(new AccountProblem.Mistrusted(Fault.WRONG_LENGTH)),
        first.addDevice(text + "A", offered.code(), BY_PASSWORD));
    assertEquals(refusal(new AccountProblem.Mistrusted(Fault.UNKNOWN_VALUE)),
        first.addDevice("!" + text.substring(1), offered.code(), BY_PASSWORD));
    Offered control = laptop.on().offer().orElseThrow();
    assertEquals(new Change.Done(), first.addDevice(control.enrolment(), control.code(), BY_PASSWORD));
  }

  @Test
  void a_revoked_device_is_out_and_the_others_have_the_next_key() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    PlayedDevice tablet = new PlayedDevice(accounts);
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    Account third = PlayedDevice.entered(tablet.on().restore(PASSWORD));
    acknowledgeAll(first);
    acknowledgeAll(second);
    assertEquals(refusal(new AccountProblem.WrongSecret()),
        first.revoke(third.device(), new Authority.Password(OTHER_PASSWORD)));
    assertEquals(refusal(new AccountProblem.RootElsewhere()), first.revoke(third.device(), new Authority.Device()));
    assertEquals(new Change.Done(), first.revoke(third.device(), BY_PASSWORD));
    assertEquals(refusal(new AccountProblem.UnknownDevice()), first.revoke(third.device(), BY_PASSWORD));
    assertThrows(IllegalArgumentException.class, () -> first.revoke(first.device(), BY_PASSWORD));
    assertEquals(2, first.keys().generations().size());
    second.refresh();
    assertEquals(List.of(), second.alarms());
    assertEquals(first.keys().generations().lastEntry().getValue().publicKey(),
        second.keys().generations().lastEntry().getValue().publicKey());
    third.refresh();
    assertInstanceOf(Alarm.DeviceRemoved.class, third.alarms().getFirst());
    assertEquals(refused(new AccountProblem.NotInAccount()), tablet.on().enter());
    // The backup has both generations.
    PlayedDevice fourth = new PlayedDevice(accounts);
    assertEquals(2, PlayedDevice.entered(fourth.on().restore(PASSWORD)).keys().generations().size());
  }

  @Test
  void passwords_change_on_one_device_and_the_others_stale_change_says_that_it_moved() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    acknowledgeAll(first);
    assertEquals(refusal(new AccountProblem.WrongSecret()), first.changePassword("wrong " + PASSWORD, OTHER_PASSWORD));
    assertInstanceOf(AccountProblem.WeakPassword.class,
        assertInstanceOf(Change.Refused.class, first.changePassword(PASSWORD, "aaaaaaaaaaaaaaaa")).problem());
    assertEquals(new Change.Done(), first.changePassword(PASSWORD, OTHER_PASSWORD));
    assertEquals(refusal(new AccountProblem.Moved()), second.changePassword(PASSWORD, "third " + OTHER_PASSWORD));
    assertEquals(new Change.Done(), second.changePassword(OTHER_PASSWORD, PASSWORD));
    assertEquals(List.of(), laptop.vault.keys(Vault.PASSING));
    PlayedDevice.entered(new PlayedDevice(accounts).on().restore(PASSWORD));
  }

  @Test
  void a_change_between_opening_and_putting_is_found_by_the_service() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    acknowledgeAll(first);
    List<Change> between = new ArrayList<>();
    laptop.onTheWay = (request, answer) -> {
      if (request.hasOpenBackup() && between.isEmpty()) {
        between.add(new Change.Done());
        between.set(0, first.changePassword(PASSWORD, OTHER_PASSWORD));
      }
      return answer;
    };
    assertEquals(refusal(new AccountProblem.Moved()), second.changePassword(PASSWORD, "third " + OTHER_PASSWORD));
    assertEquals(List.of(new Change.Done()), between);
    assertEquals(List.of(), laptop.vault.keys(Vault.PASSING));
    PlayedDevice.entered(new PlayedDevice(accounts).on().restore(OTHER_PASSWORD));
  }

  @Test
  void the_recovery_code_restores_and_sets_a_new_password() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    String code = first.secrets().orElseThrow().recoveryCode();
    String typo = (code.charAt(0) == '0' ? "1" : "0") + code.substring(1);
    assertEquals(refused(new AccountProblem.MistypedCode()), laptop.on().recover(typo, OTHER_PASSWORD));
    Account second = PlayedDevice.entered(laptop.on().recover(code.toLowerCase(java.util.Locale.ROOT), OTHER_PASSWORD));
    assertEquals(1, second.keys().generations().size());
    PlayedDevice tablet = new PlayedDevice(accounts);
    assertEquals(refused(new AccountProblem.WrongSecret()), tablet.on().restore(PASSWORD));
    PlayedDevice.entered(tablet.on().restore(OTHER_PASSWORD));
    acknowledgeAll(second);
    assertEquals(new Change.Done(), second.resetPassword(code, PASSWORD));
    PlayedDevice.entered(new PlayedDevice(accounts).on().restore(PASSWORD));
  }

  @Test
  void five_wrong_passwords_and_not_even_the_right_one_is_looked_at() {
    PlayedDevice.entered(phone.on().create(PASSWORD));
    for (int i = 0; i < 5; i++) {
      assertEquals(refused(new AccountProblem.WrongSecret()), laptop.on().restore(OTHER_PASSWORD + i));
    }
    assertInstanceOf(AccountProblem.TooManyTries.class, problem(laptop.on().restore(PASSWORD)));
  }

  @Test
  void a_cheap_derivation_is_refused_and_nothing_is_shown_to_the_service() {
    PlayedDevice.entered(phone.on().create(PASSWORD));
    List<ClientFrame.BodyCase> asked = new ArrayList<>();
    laptop.onTheWay = (request, answer) -> {
      asked.add(request.getBodyCase());
      return answer.hasBackupTerms()
          ? ServerFrame.newBuilder().setBackupTerms(BackupTerms.newBuilder(answer.getBackupTerms()).setIterations(1))
              .build()
          : answer;
    };
    assertEquals(refused(new AccountProblem.Mistrusted(Fault.WEAK_KDF)), laptop.on().restore(PASSWORD));
    assertFalse(asked.contains(ClientFrame.BodyCase.OPEN_BACKUP));
    laptop.onTheWay = (_, answer) -> answer;
    PlayedDevice.entered(laptop.on().restore(PASSWORD));
  }

  @Test
  void a_backup_of_records_that_the_service_does_not_show_is_not_believed() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    PlayedDevice.entered(laptop.on().restore(PASSWORD));
    acknowledgeAll(first);
    assertEquals(new Change.Done(), first.changePassword(PASSWORD, OTHER_PASSWORD));
    PlayedDevice tablet = new PlayedDevice(accounts);
    tablet.onTheWay = (_, answer) -> shortened(answer, 1);
    assertEquals(refused(new AccountProblem.Mistrusted(Fault.ROLLED_BACK)), tablet.on().restore(OTHER_PASSWORD));
    tablet.onTheWay = (_, answer) -> answer;
    PlayedDevice.entered(tablet.on().restore(OTHER_PASSWORD));
  }

  @Test
  void an_older_account_than_this_device_knows_is_an_alarm() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    PlayedDevice.entered(laptop.on().restore(PASSWORD));
    acknowledgeAll(first);
    phone.onTheWay = (_, answer) -> shortened(answer, 1);
    first.refresh();
    assertEquals(List.of(new Alarm.AccountRolledBack(first.uid(), 2, 1)), first.alarms());
    phone.onTheWay = (_, answer) -> ServerFrame.newBuilder(answer).clearAccounts().build();
    acknowledgeAll(first);
    assertEquals(List.of(), first.alarms());
    first.refresh();
    assertEquals(List.of(new Alarm.AccountRolledBack(first.uid(), 2, 0)), first.alarms());
    assertThrows(BlockedException.class, first::keys);
    assertEquals(2, first.devices().size());
  }

  @Test
  void another_record_in_the_place_of_a_known_one_is_kept_as_evidence() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    PlayedAccounts twin = new PlayedAccounts();
    PlayedDevice.entered(new PlayedDevice(twin).on().create(PASSWORD));
    phone.onTheWay = (request, answer) -> request.hasGetAccounts() ? twin.answer(first.device(), request) : answer;
    first.refresh();
    Alarm.AccountForked forked = assertInstanceOf(Alarm.AccountForked.class, first.alarms().getFirst());
    assertEquals(accounts.records.getFirst(), forked.pinned());
    assertEquals(twin.records.getFirst(), forked.shown());
    phone.onTheWay = (_, answer) -> answer;
    assertEquals(forked, phone.entered().alarms().getFirst());
  }

  @Test
  void an_account_without_a_backup_adds_and_revokes_by_its_devices() {
    Account first = PlayedDevice.entered(phone.on().createStrict());
    assertEquals(Optional.empty(), first.secrets());
    assertEquals(Optional.empty(), accounts.backup);
    Offered offered = laptop.on().offer().orElseThrow();
    assertEquals(new Change.Done(), first.addDevice(offered.enrolment(), offered.code(), new Authority.Device()));
    Account second = laptop.entered();
    assertEquals(new Change.Done(), second.revoke(first.device(), new Authority.Device()));
    first.refresh();
    assertInstanceOf(Alarm.DeviceRemoved.class, first.alarms().getFirst());
    assertEquals(AccountKind.DEVICE_REVOKED, accounts.records.getLast().statement().kind());
    assertEquals(refusal(new AccountProblem.WrongSecret()), second.changePassword(PASSWORD, OTHER_PASSWORD));
  }

  @Test
  void labels_and_marks_are_on_all_devices_and_never_go_back() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    acknowledgeAll(first);
    Point root = SigningKey.generate().publicKey();
    first.label(first.device(), "phone");
    second.label(second.device(), "laptop");
    second.verify(FRIEND, root);
    assertEquals(Map.of(first.device(), "phone", second.device(), "laptop"), first.labels());
    assertFalse(first.isVerified(FRIEND, root));
    first.refreshMarks();
    assertTrue(first.isVerified(FRIEND, root));
    assertFalse(first.isVerified(FRIEND, SigningKey.generate().publicKey()));
    assertNotEquals(first.safetyNumber(FRIEND, root).digits(),
        first.safetyNumber(FRIEND, SigningKey.generate().publicKey()).digits());
    List<Alarm> told = new ArrayList<>();
    phone.onTheWay = (_, answer) -> answer.hasSelfBlobs()
        ? ServerFrame.newBuilder(answer).setSelfBlobs(answer.getSelfBlobs().toBuilder().clearBlobs()).build()
        : answer;
    first.refreshMarks();
    Eventually.holds(() -> {
      told.clear();
      first.onAlarm(told::add);
      return told.contains(new Alarm.SelfRefused(first.uid(), SelfKind.VERIFIED, Fault.ROLLED_BACK));
    });
    assertTrue(first.isVerified(FRIEND, root));
  }

  @Test
  void what_a_revoked_device_wrote_is_sealed_anew_by_who_revoked_it() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    Account second = PlayedDevice.entered(laptop.on().restore(PASSWORD));
    acknowledgeAll(first);
    second.label(second.device(), "laptop");
    assertEquals(1, first.labels().size());
    assertEquals(new Change.Done(), first.revoke(second.device(), BY_PASSWORD));
    PlayedDevice tablet = new PlayedDevice(accounts);
    assertEquals(Map.of(second.device(), "laptop"), PlayedDevice.entered(tablet.on().restore(PASSWORD)).labels());
  }

  @Test
  void logging_out_leaves_nothing() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    var device = first.device();
    var state = phone.keys().state();
    first.logOut();
    assertEquals(List.of(), phone.vault.keys(""));
    assertNotEquals(device, phone.keys().device());
    assertEquals(0, phone.keys().generations().size());
    assertEquals(state, phone.keys().state());
    assertTrue(accounts.retired.contains(device));
    assertEquals(refused(new AccountProblem.NotInAccount()), phone.on().enter());
    PlayedDevice.entered(phone.on().restore(PASSWORD));
  }

  @Test
  void a_vault_that_is_lost_makes_another_device_of_this_one() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    phone.vault.keys("").forEach(key -> phone.vault.write(Map.of(key, Optional.<ByteString>empty())));
    assertEquals(refused(new AccountProblem.NotInAccount()), phone.on().enter());
    assertNotEquals(first.device(), phone.keys().device());
    assertEquals(2, PlayedDevice.entered(phone.on().restore(PASSWORD)).devices().size());
  }

  @Test
  void a_device_that_was_away_for_long_is_unlocked_by_the_password() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    Entrance idle = phone.on(new Entrance.Standing.Idle());
    assertEquals(refused(new AccountProblem.Idle()), idle.enter());
    assertEquals(refused(new AccountProblem.WrongSecret()), idle.unlock("wrong " + PASSWORD));
    assertEquals(refused(new AccountProblem.Idle()), idle.enter());
    assertEquals(first.device(), PlayedDevice.entered(idle.unlock(PASSWORD)).device());
  }

  @Test
  void a_device_that_the_service_calls_removed_forgets_nothing_before_the_password_was_right() {
    Account first = PlayedDevice.entered(phone.on().create(PASSWORD));
    DeviceKeys next = phone.keys().another();
    Entrance removed = phone.on(new Entrance.Standing.Removed(next));
    List<String> before = phone.vault.keys("");
    assertEquals(refused(new AccountProblem.Removed()), removed.enter());
    assertEquals(refused(new AccountProblem.WrongSecret()), removed.restore("wrong " + PASSWORD));
    assertEquals(before, phone.vault.keys(""));
    assertEquals(first.device(), phone.keys().device());
    assertEquals(first.device(), phone.entered().device());
    assertEquals(next.device(), PlayedDevice.entered(removed.restore(PASSWORD)).device());
    assertEquals(next.device(), phone.entered().device());
  }

  private static ServerFrame shortened(ServerFrame answer, int records) {
    if (!answer.hasAccounts() || answer.getAccounts().getAccountsCount() == 0) {
      return answer;
    }
    var account = answer.getAccounts().getAccounts(0).toBuilder();
    List<ByteString> kept = account.getRecordsList().subList(0, Math.min(records, account.getRecordsCount()));
    List<ByteString> copy = List.copyOf(kept);
    account.clearRecords().addAllRecords(copy).setLastSeq(records);
    return ServerFrame.newBuilder(answer).setAccounts(answer.getAccounts().toBuilder().setAccounts(0, account)).build();
  }

  private static void acknowledgeAll(Account account) {
    account.refresh();
    account.alarms().forEach(account::acknowledge);
  }

  private static AccountProblem problem(Entry entry) {
    return assertInstanceOf(Entry.Refused.class, entry).problem();
  }

  private static Entry refused(AccountProblem problem) {
    return new Entry.Refused(problem);
  }

  private static Change refusal(AccountProblem problem) {
    return new Change.Refused(problem);
  }
}
