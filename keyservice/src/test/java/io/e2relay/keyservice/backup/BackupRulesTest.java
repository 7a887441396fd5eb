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
import io.e2relay.keyservice.backup.BackupRules.Knocking;
import io.e2relay.keyservice.backup.BackupRules.Putting;
import io.e2relay.keyservice.membership.Named;
import io.e2relay.protocol.verify.BackupAccess;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BackupRulesTest {
  private static final Fit MISFIT = new Fit.Misfit();

  private final Locksmith smith = new Locksmith(peppers(FIRST));
  private final Sample sample = Sample.fresh();
  private final Lock lock = smith.lock(sample.put(0));
  private final BackupRules.Kept kept = new BackupRules.Kept(1, sample.blob().backupId(), lock, sample.blob().bytes());

  @Test
  void the_first_follows_none_and_every_other_the_one_that_is_there() {
    assertEquals(Putting.SAVE, BackupRules.put(null, sample.put(0), smith));
    assertEquals(Putting.MOVED, BackupRules.put(null, sample.put(1), smith));
    assertEquals(Putting.SAVE, BackupRules.put(kept, sample.next().put(1), smith));
    assertEquals(Putting.MOVED, BackupRules.put(kept, sample.next().put(0), smith));
    assertEquals(Putting.MOVED, BackupRules.put(kept, sample.next().put(2), smith));
    // Another backup with the same number does not count as a later one.
    Sample same = new Sample(sample.owner(), Sample.blob(1), sample.auth(), sample.recoveryAuth());
    assertEquals(Putting.MOVED, BackupRules.put(kept, same.put(1), smith));
  }

  @Test
  void the_same_put_again_is_known_but_not_with_another_proof() {
    assertEquals(Putting.KNOWN, BackupRules.put(kept, sample.put(0), smith));
    ByteString other = Sample.random(32);
    assertEquals(Putting.MOVED,
        BackupRules.put(kept, new Sample(sample.owner(), sample.blob(), other, sample.recoveryAuth()).put(0), smith));
    assertEquals(Putting.MOVED,
        BackupRules.put(kept, new Sample(sample.owner(), sample.blob(), sample.auth(), other).put(0), smith));
  }

  @Test
  void guesses_count_on_under_the_same_id_and_from_nothing_under_another() {
    Tries tries = Tries.NONE.wrong(NOW);
    assertEquals(tries, BackupRules.saved(kept, sample.grown().put(1), tries));
    assertEquals(tries.renewed(), BackupRules.saved(kept, sample.next().put(1), tries));
    assertEquals(tries.renewed(), BackupRules.saved(null, sample.put(0), tries));
  }

  @Test
  void a_wrong_password_counts_and_a_right_one_clears() {
    Tries tries = Tries.NONE.wrong(NOW);
    assertEquals(new Knocking.Compared(tries.wrong(NOW + 1), MISFIT),
        BackupRules.knock(tries, lock, sample.wrong(), smith, NOW + 1));
    assertEquals(new Knocking.Compared(tries.wrong(NOW + 1), MISFIT),
        BackupRules.knock(tries, null, sample.right(), smith, NOW + 1));
    Knocking.Compared right = assertInstanceOf(Knocking.Compared.class,
        BackupRules.knock(tries, lock, sample.right(), smith, NOW + 1));
    assertEquals(tries.right(), right.tries());
    BackupAccess access = new BackupAccess(Named.TENANT, sample.owner().uid(), sample.blob().backupId());
    assertEquals(new Fit.Fits(access.share(FIRST.key(), sample.auth())), right.fit());
  }

  @Test
  void behind_the_limits_nothing_is_compared_but_a_recovery_code() {
    Tries five = Tries.NONE.wrong(NOW).wrong(NOW).wrong(NOW).wrong(NOW).wrong(NOW);
    Tries locked = new Tries(List.of(), Tries.LIFETIME_MAX);
    assertEquals(new Knocking.Held(new Opened.TooFast(Tries.SHORT_MS)),
        BackupRules.knock(five, lock, sample.right(), smith, NOW));
    assertEquals(new Knocking.Held(new Opened.Locked()), BackupRules.knock(locked, lock, sample.right(), smith, NOW));
    for (Tries tries : List.of(five, locked)) {
      assertEquals(new Knocking.Compared(tries.right(), new Fit.Fits(ByteString.EMPTY)),
          BackupRules.knock(tries, lock, sample.recovery(), smith, NOW));
      assertEquals(new Knocking.Compared(tries, MISFIT),
          BackupRules.knock(tries, lock, sample.wrongRecovery(), smith, NOW));
    }
  }

  @Test
  void a_proof_fits_only_the_owner_the_backup_and_the_pepper_it_was_made_for() {
    assertInstanceOf(Fit.Fits.class, smith.fit(lock, sample.right()));
    assertInstanceOf(Fit.Fits.class, smith.fit(lock, sample.recovery()));
    Owner other = Sample.fresh().owner();
    Owner elsewhere = new Owner(Named.OTHER_TENANT, sample.owner().uid());
    for (Knock knock : List.of(sample.right(), sample.recovery())) {
      assertEquals(MISFIT, smith.fit(lock, new Knock(other, knock.backupId(), knock.proof())));
      assertEquals(MISFIT, smith.fit(lock, new Knock(elsewhere, knock.backupId(), knock.proof())));
      assertEquals(MISFIT, smith.fit(lock, new Knock(knock.owner(), Sample.random(16), knock.proof())));
      assertEquals(MISFIT, smith.fit(null, knock));
    }
    // One is not good for the other.
    assertEquals(MISFIT,
        smith.fit(lock, new Knock(sample.owner(), sample.blob().backupId(), new Proof.Recovery(sample.auth()))));
    assertEquals(MISFIT, smith.fit(lock,
        new Knock(sample.owner(), sample.blob().backupId(), new Proof.Password(sample.recoveryAuth()))));
    assertEquals(MISFIT, new Locksmith(peppers(new Pepper(FIRST.version(), SECOND.key()))).fit(lock, sample.right()));
  }

  @Test
  void without_its_pepper_a_backup_opens_with_the_recovery_code_only() {
    Locksmith without = new Locksmith(peppers(SECOND));
    assertEquals(new Fit.Unpeppered(1), without.fit(lock, sample.right()));
    assertEquals(new Fit.Unpeppered(1), without.fit(lock, sample.wrong()));
    assertInstanceOf(Fit.Fits.class, without.fit(lock, sample.recovery()));
    assertEquals(new Knocking.Compared(Tries.NONE, new Fit.Unpeppered(1)),
        BackupRules.knock(Tries.NONE, lock, sample.wrong(), without, NOW));
    assertInstanceOf(Fit.Fits.class, new Locksmith(peppers(FIRST, SECOND)).fit(lock, sample.right()));
  }

  @Test
  void what_is_kept_is_not_what_was_shown() {
    for (ByteString shown : List.of(sample.auth(), sample.recoveryAuth())) {
      assertNotEquals(shown, lock.verifier());
      assertNotEquals(shown, lock.recoveryVerifier());
    }
    assertNotEquals(lock.verifier(), new Locksmith(peppers(SECOND)).lock(sample.put(0)).verifier());
    assertEquals(lock.recoveryVerifier(), new Locksmith(peppers(SECOND)).lock(sample.put(0)).recoveryVerifier());
  }

  @Test
  void whoever_has_none_is_told_the_same_terms_for_ever() {
    Terms told = smith.decoy(sample.owner());
    assertEquals(600_000, told.kdf().iterations());
    assertEquals(16, told.backupId().size());
    assertEquals(told, new Locksmith(peppers(FIRST, SECOND)).decoy(sample.owner()));
    assertNotEquals(told, smith.decoy(Sample.fresh().owner()));
    assertNotEquals(told, smith.decoy(new Owner(Named.OTHER_TENANT, sample.owner().uid())));
    assertNotEquals(told.kdf().salt().substring(0, 16), told.backupId());
  }

  @Test
  void only_the_one_that_was_named_is_deleted() {
    assertEquals(Stored.DONE, BackupRules.delete(3L, 3));
    assertEquals(Stored.MOVED, BackupRules.delete(3L, 2));
    assertEquals(Stored.DONE, BackupRules.delete(null, 3));
  }

  @Test
  void no_secret_shows() {
    List<Object> all = List.of(sample.put(0), sample.right(), sample.recovery(), lock, kept, FIRST, peppers(FIRST),
        smith.fit(lock, sample.right()), smith.decoy(sample.owner()),
        new Opened.Open(sample.blob().bytes(), sample.auth()),
        new BackupAccess(Named.TENANT, sample.owner().uid(), sample.blob().backupId()),
        BackupRules.knock(Tries.NONE, lock, sample.right(), smith, NOW));
    for (Object one : all) {
      assertFalse(one.toString().contains("ByteString"), one::toString);
      assertFalse(one.toString().contains("contents"), one::toString);
      assertFalse(one.toString().contains(HexFormat.of().formatHex(sample.auth().toByteArray())), one::toString);
    }
    // What they would show if nobody had seen to it.
    assertTrue(sample.auth().toString().contains("contents"));
  }
}
