// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import static io.e2relay.keyservice.backup.Sample.FIRST;
import static io.e2relay.keyservice.backup.Sample.NOW;
import static io.e2relay.keyservice.backup.Sample.SECOND;
import static io.e2relay.keyservice.backup.Sample.peppers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.verify.BackupAccess;
import org.junit.jupiter.api.Test;

/// What every keeper of backups does.
///
/// Tests share what is kept, so each has its own user.
interface BackupsContract {
  Opened REFUSED = new Opened.Refused();

  /// A new one, as after a restart, on what the others kept.
  Backups backups(Peppers peppers);

  private Backups backups() {
    return backups(peppers(FIRST));
  }

  private static Opened.Open opened(Opened opened) {
    return assertInstanceOf(Opened.Open.class, opened);
  }

  @Test
  default void a_backup_is_put_told_of_and_opened_with_both_proofs() {
    Sample mine = Sample.fresh();
    assertFalse(backups().exists(mine.owner()));
    assertEquals(Stored.DONE, backups().put(mine.put(0)));
    assertTrue(backups().exists(mine.owner()));
    Terms terms = backups().terms(mine.owner());
    assertEquals(mine.blob().kdf(), terms.kdf());
    assertEquals(mine.blob().backupId(), terms.backupId());
    ByteString share = new BackupAccess(mine.owner().tenant(), mine.owner().uid(), mine.blob().backupId())
        .share(FIRST.key(), mine.auth());
    assertEquals(new Opened.Open(mine.blob().bytes(), share), backups().open(mine.right(), NOW));
    assertEquals(new Opened.Open(mine.blob().bytes(), ByteString.EMPTY), backups().open(mine.recovery(), NOW));
    assertEquals(REFUSED, backups().open(mine.wrong(), NOW));
    assertEquals(REFUSED, backups().open(mine.wrongRecovery(), NOW));
  }

  @Test
  default void the_next_one_takes_its_place_and_the_old_password_opens_nothing() {
    Sample first = Sample.fresh();
    Sample second = first.next();
    assertEquals(Stored.MOVED, backups().put(second.put(1)));
    assertEquals(Stored.DONE, backups().put(first.put(0)));
    assertEquals(Stored.MOVED, backups().put(second.put(0)));
    assertEquals(Stored.DONE, backups().put(second.put(1)));
    assertEquals(second.blob().bytes(), opened(backups().open(second.right(), NOW)).blob());
    assertEquals(second.blob().kdf(), backups().terms(first.owner()).kdf());
    assertEquals(REFUSED, backups().open(first.right(), NOW));
    // A device that knows only the first does not get it back.
    assertEquals(Stored.MOVED, backups().put(first.put(2)));
    assertEquals(Stored.MOVED, backups().put(first.put(0)));
    assertEquals(second.blob().bytes(), opened(backups().open(second.right(), NOW)).blob());
  }

  @Test
  default void the_same_put_again_is_answered_as_before() {
    Sample first = Sample.fresh();
    assertEquals(Stored.DONE, backups().put(first.put(0)));
    assertEquals(Stored.DONE, backups().put(first.put(0)));
    Sample second = first.grown();
    assertEquals(Stored.DONE, backups().put(second.put(1)));
    assertEquals(Stored.DONE, backups(peppers(FIRST, SECOND)).put(second.put(1)));
    assertEquals(second.blob().bytes(), opened(backups().open(second.right(), NOW)).blob());
  }

  @Test
  default void whoever_has_none_hears_what_whoever_is_wrong_hears() {
    Sample mine = Sample.fresh();
    Sample nobody = Sample.fresh();
    backups().put(mine.put(0));
    Terms told = backups().terms(nobody.owner());
    assertEquals(told, backups().terms(nobody.owner()));
    assertNotEquals(told, backups().terms(mine.owner()));
    Knock asTold = new Knock(nobody.owner(), told.backupId(), new Proof.Password(Sample.random(32)));
    Knock unknownId = new Knock(mine.owner(), Sample.random(16), new Proof.Password(mine.auth()));
    for (int i = 0; i < Tries.SHORT_MAX; i++) {
      assertEquals(REFUSED, backups().open(mine.wrong(), NOW));
      assertEquals(REFUSED, backups().open(asTold, NOW));
    }
    assertEquals(new Opened.TooFast(Tries.SHORT_MS), backups().open(mine.wrong(), NOW));
    assertEquals(new Opened.TooFast(Tries.SHORT_MS), backups().open(asTold, NOW));
    assertEquals(new Opened.TooFast(Tries.SHORT_MS), backups().open(unknownId, NOW));
    long later = NOW + Tries.SHORT_MS;
    assertEquals(REFUSED, backups().open(unknownId, later));
    assertEquals(told, backups().terms(nobody.owner()));
  }

  @Test
  default void five_wrong_and_the_sixth_waits_also_after_a_restart_and_even_if_it_is_right() {
    Sample mine = Sample.fresh();
    backups().put(mine.put(0));
    for (int i = 0; i < Tries.SHORT_MAX; i++) {
      assertEquals(REFUSED, backups().open(mine.wrong(), NOW + i));
    }
    assertEquals(new Opened.TooFast(Tries.SHORT_MS - 9), backups().open(mine.right(), NOW + 9));
    assertEquals(new Opened.TooFast(1), backups().open(mine.wrong(), NOW + Tries.SHORT_MS - 1));
    // Without a wrong one to it, the recovery code opens all the while; and as it does, all is forgiven.
    assertEquals(REFUSED, backups().open(mine.wrongRecovery(), NOW + 9));
    assertEquals(new Opened.TooFast(Tries.SHORT_MS - 9), backups().open(mine.right(), NOW + 9));
    opened(backups().open(mine.recovery(), NOW + 9));
    opened(backups().open(mine.right(), NOW + 9));
  }

  @Test
  default void four_wrong_and_a_right_one_leave_five_again() {
    Sample mine = Sample.fresh();
    backups().put(mine.put(0));
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < Tries.SHORT_MAX - 1; i++) {
        assertEquals(REFUSED, backups().open(mine.wrong(), NOW));
      }
      opened(backups().open(mine.right(), NOW));
    }
  }

  @Test
  default void twenty_wrong_in_a_day() {
    Sample mine = Sample.fresh();
    backups().put(mine.put(0));
    for (int i = 0; i < Tries.DAY_MAX; i++) {
      assertEquals(REFUSED, backups().open(mine.wrong(), NOW + i * Tries.SHORT_MS));
    }
    long later = NOW + Tries.DAY_MAX * Tries.SHORT_MS;
    assertEquals(new Opened.TooFast(NOW + Tries.DAY_MS - later), backups().open(mine.right(), later));
    opened(backups().open(mine.right(), NOW + Tries.DAY_MS));
  }

  @Test
  default void a_hundred_wrong_and_only_the_recovery_code_or_another_backup_help() {
    Sample mine = Sample.fresh();
    backups().put(mine.put(0));
    long now = NOW;
    for (int i = 0; i < Tries.LIFETIME_MAX; i++) {
      now += Tries.DAY_MS / Tries.DAY_MAX;
      assertEquals(REFUSED, backups().open(mine.wrong(), now));
      if (i == Tries.SHORT_MAX) {
        opened(backups().open(mine.right(), now));
      }
    }
    now += Tries.DAY_MS;
    assertEquals(new Opened.Locked(), backups().open(mine.right(), now));
    opened(backups().open(mine.recovery(), now));
    assertEquals(new Opened.Locked(), backups().open(mine.right(), now));
    Sample grown = mine.grown();
    backups().put(grown.put(1));
    assertEquals(new Opened.Locked(), backups().open(grown.right(), now));
    Sample next = grown.next();
    backups().put(next.put(2));
    opened(backups().open(next.right(), now));
  }

  @Test
  default void whoever_has_none_is_locked_out_after_a_hundred_too() {
    Sample nobody = Sample.fresh();
    long now = NOW;
    for (int i = 0; i < Tries.LIFETIME_MAX; i++) {
      now += Tries.DAY_MS / Tries.DAY_MAX;
      assertEquals(REFUSED, backups().open(nobody.wrong(), now));
    }
    assertEquals(new Opened.Locked(), backups().open(nobody.wrong(), now + Tries.DAY_MS));
    backups().put(nobody.put(0));
    opened(backups().open(nobody.right(), now + Tries.DAY_MS));
  }

  @Test
  default void a_backup_opens_under_the_pepper_it_was_put_with_whatever_is_newest() {
    Sample mine = Sample.fresh();
    backups().put(mine.put(0));
    Opened.Open before = opened(backups().open(mine.right(), NOW));
    assertEquals(before, backups(peppers(FIRST, SECOND)).open(mine.right(), NOW));
    Sample next = mine.next();
    backups(peppers(FIRST, SECOND)).put(next.put(1));
    assertEquals(new Opened.Unpeppered(2), backups().open(next.right(), NOW));
    opened(backups(peppers(SECOND)).open(next.right(), NOW));
    assertEquals(next.blob().bytes(), opened(backups().open(next.recovery(), NOW)).blob());
    // Nothing was compared, so nothing was counted.
    for (int i = 0; i < 2 * Tries.SHORT_MAX; i++) {
      assertEquals(new Opened.Unpeppered(2), backups().open(next.wrong(), NOW));
    }
    opened(backups(peppers(SECOND)).open(next.right(), NOW));
  }

  @Test
  default void what_is_deleted_is_gone() {
    Sample mine = Sample.fresh();
    backups().put(mine.put(0));
    assertEquals(Stored.MOVED, backups().delete(mine.owner(), 2));
    opened(backups().open(mine.right(), NOW));
    assertEquals(Stored.DONE, backups().delete(mine.owner(), 1));
    assertFalse(backups().exists(mine.owner()));
    assertEquals(Stored.DONE, backups().delete(mine.owner(), 1));
    assertEquals(REFUSED, backups().open(mine.right(), NOW));
    assertEquals(REFUSED, backups().open(mine.recovery(), NOW));
    assertNotEquals(mine.blob().kdf(), backups().terms(mine.owner()).kdf());
    assertEquals(Stored.DONE, backups().put(mine.put(0)));
    opened(backups().open(mine.right(), NOW));
  }
}
