// SPDX-License-Identifier: Apache-2.0
package io.e2relay.client.crypto;

import static io.e2relay.client.crypto.Octets.assertUnreadable;
import static io.e2relay.client.crypto.Octets.flipped;
import static io.e2relay.client.crypto.Octets.times;
import static io.e2relay.client.crypto.Octets.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.TenantId;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.BackupBlob;
import io.e2relay.protocol.record.Fault;
import io.e2relay.protocol.record.Hash;
import io.e2relay.protocol.record.KdfParameters;
import io.e2relay.protocol.record.Reading;
import io.e2relay.protocol.verify.BackupAccess;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class BackupTest {
  private static final Account ACCOUNT = new Account(new TenantId(times(0x7e, 16)), new Uid(times(0xaa, 16)));
  private static final ByteString PEPPER = times(0x99, 32);
  private static final SigningKey ARK = SigningKey.generate();
  private static final SortedMap<Long, AgreementKey> GENERATIONS = new TreeMap<>(
      java.util.Map.of(1L, AgreementKey.generate(), 3L, AgreementKey.generate()));
  private static final RecoveryCode CODE = RecoveryCode.generate();
  private static final Bundle BUNDLE = Bundle.of(new Hash(times(0x2e, 32)), 5, ARK, CODE, GENERATIONS);
  private static final KdfParameters PARAMETERS = DerivedPassword.newParameters();
  private static final DerivedPassword PASSWORD = DerivedPassword.of("correct horse", PARAMETERS, ACCOUNT.uid());
  private static final BackupVersion VERSION = BackupVersion.first();
  private static final BackupBlob BLOB = Backup.make(ACCOUNT, VERSION, PASSWORD, share(PASSWORD, VERSION), BUNDLE);

  @Test
  void a_backup_opens_by_the_password_and_what_the_service_answers() {
    BackupBlob read = value(BackupBlob.read(BLOB.bytes()));
    // As a new device does: the parameters of the service first, then its answer.
    KdfParameters parameters = value(KdfParameters.of(1, read.kdf().iterations(), read.kdf().salt()));
    DerivedPassword derived = DerivedPassword.of("correct horse", parameters, ACCOUNT.uid());
    Backup.Opened opened = value(Backup.open(ACCOUNT, read, derived, share(derived, VERSION)));
    assertSameBundle(opened);
    assertEquals(VERSION, opened.version());
  }

  @Test
  void a_backup_opens_by_the_recovery_code() {
    RecoveryCode typed = value(RecoveryCode.read(CODE.reveal().toLowerCase(java.util.Locale.ROOT)));
    assertSameBundle(value(Backup.open(ACCOUNT, BLOB, typed)));
  }

  @Test
  void the_same_password_typed_in_another_form_of_unicode_derives_the_same() {
    DerivedPassword composed = DerivedPassword.of("\u00c5ngstr\u00f6m \ufb01", PARAMETERS, ACCOUNT.uid());
    DerivedPassword other = DerivedPassword.of("A\u030angstro\u0308m fi", PARAMETERS, ACCOUNT.uid());
    assertEquals(composed.auth(), other.auth());
    Exception refusal = assertThrows(IllegalArgumentException.class,
        () -> DerivedPassword.of("half \ud800", PARAMETERS, ACCOUNT.uid()));
    assertEquals("a password is whole Unicode text", refusal.getMessage());
  }

  @Test
  void parameters_that_are_too_weak_stop_it_before_anything_is_derived() {
    assertEquals(PARAMETERS, value(KdfParameters.of(1, 600_000, PARAMETERS.salt())));
    assertUnreadable(Fault.WEAK_KDF, KdfParameters.of(1, 599_999, PARAMETERS.salt()));
    assertUnreadable(Fault.WEAK_KDF, KdfParameters.of(1, 10_000_001, PARAMETERS.salt()));
    assertUnreadable(Fault.WEAK_KDF, KdfParameters.of(2, 600_000, PARAMETERS.salt()));
    assertThrows(IllegalArgumentException.class, () -> new KdfParameters(1, PARAMETERS.salt()));
  }

  @Test
  void a_wrong_password_share_code_or_account_gives_the_same_answer() {
    assertSameBundle(value(Backup.open(ACCOUNT, BLOB, PASSWORD, share(PASSWORD, VERSION))));
    DerivedPassword wrong = DerivedPassword.of("correct horsf", PARAMETERS, ACCOUNT.uid());
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(ACCOUNT, BLOB, wrong, share(wrong, VERSION)));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(ACCOUNT, BLOB, PASSWORD, times(0, 32)));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(ACCOUNT, BLOB, RecoveryCode.generate()));
    Account elsewhere = new Account(new TenantId(times(0x7f, 16)), ACCOUNT.uid());
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(elsewhere, BLOB, PASSWORD, share(PASSWORD, VERSION)));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(elsewhere, BLOB, CODE));
    Account another = new Account(ACCOUNT.tenant(), new Uid(times(0xab, 16)));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(another, BLOB, CODE));
    assertThrows(IllegalArgumentException.class, () -> Backup.open(another, BLOB, PASSWORD, share(PASSWORD, VERSION)));
  }

  @Test
  void one_bit_turned_or_a_part_of_another_backup_does_not_open() {
    for (int at = 0; at < BLOB.bundle().size(); at += 7) {
      assertUnreadable(Fault.CANNOT_OPEN,
          Backup.open(ACCOUNT, with(BLOB, BLOB.bkRc(), flipped(BLOB.bundle(), at)), CODE));
    }
    for (int at = 0; at < BLOB.bkRc().size(); at++) {
      assertUnreadable(Fault.CANNOT_OPEN,
          Backup.open(ACCOUNT, with(BLOB, flipped(BLOB.bkRc(), at), BLOB.bundle()), CODE));
    }
    BackupBlob later = Backup.make(ACCOUNT, VERSION.next(), PASSWORD, share(PASSWORD, VERSION), BUNDLE);
    assertSameBundle(value(Backup.open(ACCOUNT, later, CODE)));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(ACCOUNT, with(BLOB, later.bkRc(), BLOB.bundle()), CODE));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(ACCOUNT, with(BLOB, BLOB.bkPw(), BLOB.bundle()), CODE));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(ACCOUNT, with(later, BLOB.bkRc(), BLOB.bundle()), CODE));
  }

  @Test
  void a_new_password_opens_the_same_bundle_and_the_old_one_no_longer() {
    Backup.Opened opened = value(Backup.open(ACCOUNT, BLOB, CODE));
    DerivedPassword fresh = DerivedPassword.of("battery staple", DerivedPassword.newParameters(), ACCOUNT.uid());
    BackupVersion version = opened.version().withNewPassword();
    BackupBlob changed = Backup.make(ACCOUNT, version, fresh, share(fresh, version), opened.bundle());
    assertSameBundle(value(Backup.open(ACCOUNT, changed, fresh, share(fresh, version))));
    assertSameBundle(value(Backup.open(ACCOUNT, changed, CODE)));
    assertUnreadable(Fault.CANNOT_OPEN, Backup.open(ACCOUNT, changed, PASSWORD, share(PASSWORD, version)));
    assertEquals(VERSION.bundleSeq() + 1, changed.bundleSeq());
    assertNotEquals(VERSION.backupId(), changed.backupId());
    assertNotEquals(BLOB.kdf().salt(), changed.kdf().salt());
  }

  @Test
  void a_key_of_the_bundle_that_is_not_the_one_expected_is_a_mismatch() {
    Bundle bundle = value(Backup.open(ACCOUNT, BLOB, CODE)).bundle();
    AgreementKey third = value(bundle.generation(3, java.util.Objects.requireNonNull(GENERATIONS.get(3L)).publicKey()));
    assertUnreadable(Fault.KEY_MISMATCH, bundle.accountKey(SigningKey.generate().publicKey()));
    assertUnreadable(Fault.KEY_MISMATCH, bundle.generation(1, third.publicKey()));
    assertUnreadable(Fault.KEY_MISMATCH, bundle.generation(2, third.publicKey()));
  }

  @Test
  void a_bundle_is_read_strictly() {
    ByteString bytes = BUNDLE.bytes();
    assertEquals(159 + 2 * 100, bytes.size());
    assertEquals(BUNDLE.generations(), value(Bundle.read(bytes)).generations());
    for (int length = 0; length < bytes.size(); length++) {
      assertUnreadable(Fault.TRUNCATED, Bundle.read(bytes.substring(0, length)));
    }
    assertUnreadable(Fault.TRAILING_BYTES, Bundle.read(bytes.concat(times(0, 1))));
    assertUnreadable(Fault.UNKNOWN_VERSION, Bundle.read(times(2, 1).concat(bytes.substring(1))));
    ByteString head = bytes.substring(0, 157);
    ByteString first = bytes.substring(159, 259);
    ByteString second = bytes.substring(259);
    assertUnreadable(Fault.UNSORTED, Bundle.read(head.concat(count(2)).concat(second).concat(first)));
    assertUnreadable(Fault.UNSORTED, Bundle.read(head.concat(count(2)).concat(first).concat(first)));
    assertUnreadable(Fault.OUT_OF_RANGE, Bundle.read(head.concat(count(0))));
    assertUnreadable(Fault.OUT_OF_RANGE, Bundle.read(head.concat(count(1001))));
    ByteString zeroth = times(0, 4).concat(first.substring(4));
    assertUnreadable(Fault.OUT_OF_RANGE, Bundle.read(head.concat(count(1)).concat(zeroth)));
    assertThrows(IllegalArgumentException.class, () -> Bundle.of(new Hash(times(0x2e, 32)), 0, ARK, CODE, GENERATIONS));
    assertThrows(IllegalArgumentException.class,
        () -> Bundle.of(new Hash(times(0x2e, 32)), 1, ARK, CODE, new TreeMap<>()));
  }

  private static ByteString count(int n) {
    return new Joined().u16(n).toByteString();
  }

  private static BackupBlob with(BackupBlob blob, ByteString bkRc, ByteString bundle) {
    return new BackupBlob(blob.kdf(), blob.backupId(), blob.bundleSeq(), blob.bkPw(), bkRc, bundle);
  }

  /// What the service answers to whoever shows the auth.
  private static ByteString share(DerivedPassword password, BackupVersion version) {
    return new BackupAccess(ACCOUNT.tenant(), ACCOUNT.uid(), version.backupId()).share(PEPPER, password.auth());
  }

  private static void assertSameBundle(Backup.Opened opened) {
    Bundle bundle = opened.bundle();
    assertEquals(BUNDLE.recordHash(), bundle.recordHash());
    assertEquals(5, bundle.accountSeq());
    assertEquals(CODE, bundle.recoveryCode());
    assertEquals(ARK.serialised(), value(bundle.accountKey(ARK.publicKey())).serialised());
    assertEquals(GENERATIONS.keySet(), bundle.generations());
    GENERATIONS.forEach((generation, key) -> {
      Reading<AgreementKey> read = bundle.generation(generation, key.publicKey());
      assertEquals(key.serialised(), value(read).serialised());
    });
  }
}
