// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.BackupAccess;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A service that spoils, mixes and invents backups, to learn a password or to slip in a key.
final class BackupAttackTest {
  private static final int BACKUP_ID_AT = 38;
  private static final ByteString PEPPER = times(0x99, 32);
  private static final Owner ALICE = new Owner(0xaa);
  private static final Owner BOB = new Owner(0xbb);

  /// A user with a backup, whose password is derived once, because that takes its time.
  private static final class Owner {
    final TestUser user;
    final RecoveryCode code = RecoveryCode.generate();
    final DerivedPassword password;
    final BackupVersion version = BackupVersion.first();
    final BackupBlob blob;

    Owner(int name) {
      user = new TestUser(name);
      password = DerivedPassword.of("correct horse " + name, DerivedPassword.newParameters(), user.uid());
      blob = backup(version);
    }

    BackupBlob backup(BackupVersion which) {
      Bundle bundle = Bundle.of(user.record().hash(), user.statement().seq(), user.ark, code, user.generations);
      return Backup.make(user.account, which, password, share(), bundle);
    }

    ByteString share() {
      return new BackupAccess(user.account.tenant(), user.uid(), version.backupId()).share(PEPPER, password.auth());
    }

    Reading<Backup.Opened> byPassword(BackupBlob other) {
      return Backup.open(user.account, other, password, share());
    }

    Reading<Backup.Opened> byCode(BackupBlob other) {
      return Backup.open(user.account, other, code);
    }
  }

  @Test
  void no_byte_of_a_backup_can_be_changed() {
    opens(ALICE, ALICE.blob);
    ByteString bytes = ALICE.blob.bytes();
    int unreadable = 0;
    int closed = 0;
    for (int at = BACKUP_ID_AT; at < bytes.size(); at++) {
      if (!(BackupBlob.read(flipped(bytes, at)) instanceof Reading.Read<BackupBlob>(BackupBlob spoilt))) {
        unreadable++;
        continue;
      }
      // Of the two sealed keys each way uses one; everything else is under both.
      if (spoilt.bkRc().equals(ALICE.blob.bkRc())) {
        assertUnreadable(Fault.CANNOT_OPEN, ALICE.byPassword(spoilt));
      }
      if (spoilt.bkPw().equals(ALICE.blob.bkPw())) {
        assertUnreadable(Fault.CANNOT_OPEN, ALICE.byCode(spoilt));
      }
      closed++;
    }
    assertEquals(bytes.size() - BACKUP_ID_AT, unreadable + closed);
    IO.println("shown: backup-flips bytes=%d cannot_open=%d unreadable=%d".formatted(bytes.size() - BACKUP_ID_AT,
        closed, unreadable));
  }

  @Test
  void a_backup_that_is_cut_anywhere_is_refused() {
    ALICE.user.rotate();
    BackupBlob two = ALICE.backup(ALICE.version);
    opens(ALICE, two);
    ByteString bytes = two.bytes();
    int opened = 0;
    for (int length = 0; length < bytes.size(); length++) {
      if (BackupBlob.read(bytes.substring(0, length)) instanceof Reading.Read<BackupBlob>(BackupBlob cut)) {
        // The size of a bundle with one key less: only opening tells.
        assertUnreadable(Fault.CANNOT_OPEN, ALICE.byCode(cut));
        assertUnreadable(Fault.CANNOT_OPEN, ALICE.byPassword(cut));
        opened++;
      }
    }
    assertEquals(1, opened);
    IO.println("shown: backup-cuts lengths=%d opened=0".formatted(bytes.size()));
  }

  @Test
  void parts_of_another_backup_do_not_fit() {
    BackupBlob old = ALICE.blob;
    BackupBlob later = ALICE.backup(ALICE.version.next());
    opens(ALICE, later);
    for (BackupBlob mixed : new BackupBlob[]{
        new BackupBlob(old.kdf(), old.backupId(), old.bundleSeq(), old.bkPw(), old.bkRc(), later.bundle()),
        new BackupBlob(old.kdf(), old.backupId(), later.bundleSeq(), old.bkPw(), old.bkRc(), old.bundle()),
        new BackupBlob(old.kdf(), old.backupId(), old.bundleSeq(), later.bkPw(), later.bkRc(), old.bundle()),
        new BackupBlob(old.kdf(), old.backupId(), old.bundleSeq(), old.bkRc(), old.bkPw(), old.bundle()),
        new BackupBlob(old.kdf(), times(1, 16), old.bundleSeq(), old.bkPw(), old.bkRc(), old.bundle())}) {
      assertUnreadable(Fault.CANNOT_OPEN, ALICE.byPassword(mixed));
      assertUnreadable(Fault.CANNOT_OPEN, ALICE.byCode(mixed));
    }
  }

  @Test
  void somebody_elses_backup_does_not_open() {
    opens(BOB, BOB.blob);
    assertUnreadable(Fault.CANNOT_OPEN, ALICE.byPassword(BOB.blob));
    assertUnreadable(Fault.CANNOT_OPEN, ALICE.byCode(BOB.blob));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(ALICE.user.account, BOB.blob, BOB.code));
    BackupBlob spliced = new BackupBlob(ALICE.blob.kdf(), ALICE.blob.backupId(), ALICE.blob.bundleSeq(),
        ALICE.blob.bkPw(), ALICE.blob.bkRc(), BOB.blob.bundle());
    assertUnreadable(Fault.CANNOT_OPEN, ALICE.byPassword(spliced));
    assertUnreadable(Fault.CANNOT_OPEN, ALICE.byCode(spliced));
  }

  /// What is answered tells nothing about what was wrong.
  @Test
  void every_damage_has_the_same_answer() {
    BackupBlob blob = ALICE.blob;
    Set<String> answers = new HashSet<>();
    answers.add(ALICE.byCode(with(blob, flipped(blob.bkRc(), 0), blob.bundle())).toString());
    answers.add(ALICE.byCode(with(blob, flipped(blob.bkRc(), 40), blob.bundle())).toString());
    answers.add(ALICE.byCode(with(blob, flipped(blob.bkRc(), 111), blob.bundle())).toString());
    answers.add(ALICE.byCode(with(blob, blob.bkRc(), flipped(blob.bundle(), 40))).toString());
    answers.add(Backup.open(ALICE.user.account, blob, RecoveryCode.generate()).toString());
    answers.add(Backup.open(BOB.user.account, blob, ALICE.code).toString());
    assertEquals(Set.of(new Reading.Unreadable<>(Fault.CANNOT_OPEN).toString()), answers);
  }

  /// The service learns `auth` only; a cheap one would let it guess the password.
  @Test
  void a_cheap_derivation_is_refused_before_anything_is_derived() {
    ByteString salt = times(3, 32);
    int derived = 0;
    Object[][] answers = {{1, 599_999, salt}, {1, 1, salt}, {1, 0, salt}, {1, 10_000_001, salt}, {0, 600_000, salt},
        {2, 600_000, salt}, {1, 600_000, salt.substring(1)}, {1, 600_000, salt.concat(times(3, 1))},
        {1, 600_000, ALICE.user.uid().bytes()}, {1, 600_000, ByteString.EMPTY}};
    for (Object[] answer : answers) {
      Reading<KdfParameters> parameters = KdfParameters.of((int) answer[0], (int) answer[1], (ByteString) answer[2]);
      assertUnreadable(Fault.WEAK_KDF, parameters);
      derived += auths(parameters);
    }
    assertEquals(0, derived);
    assertEquals(1, auths(KdfParameters.of(1, 600_000, salt)));
    IO.println("shown: kdf-downgrade answers=%d derived=%d".formatted(answers.length, derived));
  }

  /// What a client sends after the service told how to derive: only what has parameters can derive at all.
  private static int auths(Reading<KdfParameters> parameters) {
    return switch (parameters) {
      case Reading.Read<KdfParameters>(KdfParameters strong) ->
        DerivedPassword.of("correct horse", strong, ALICE.user.uid()).auth().size() / 32;
      case Reading.Unreadable<KdfParameters> _ -> 0;
    };
  }

  @Test
  void the_size_of_a_backup_tells_how_many_keys_there_are_and_nothing_else() {
    assertEquals(new Owner(0xcc).blob.bytes().size(), BOB.blob.bytes().size());
    assertEquals(286 + 239 + 100, BOB.blob.bytes().size());
  }

  private static BackupBlob with(BackupBlob blob, ByteString bkRc, ByteString bundle) {
    return new BackupBlob(blob.kdf(), blob.backupId(), blob.bundleSeq(), blob.bkPw(), bkRc, bundle);
  }

  private static void opens(Owner owner, BackupBlob blob) {
    assertEquals(owner.user.ark.publicKey(),
        value(value(owner.byPassword(blob)).bundle().accountKey(owner.user.ark.publicKey())).publicKey());
    assertEquals(blob.bundleSeq(), value(owner.byCode(blob)).version().bundleSeq());
  }
}
