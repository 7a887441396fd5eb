// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/// Which backup may follow which, and who gets it.
final class BackupRules {
  /// A backup as it is kept.
  record Kept(long bundleSeq, ByteString backupId, Lock lock, ByteString blob) {
    @Override
    public String toString() {
      return "Kept[" + bundleSeq + "]";
    }
  }

  /// What to do with a put.
  enum Putting {
    SAVE, KNOWN, MOVED
  }

  /// What to do with a try to open.
  sealed interface Knocking {
    /// The proof was looked at, and this is what counts from now on.
    record Compared(Tries tries, Fit fit) implements Knocking {
    }

    /// It was not even looked at.
    record Held(Opened answer) implements Knocking {
    }
  }

  private BackupRules() {
  }

  static Putting put(@Nullable Kept kept, BackupPut put, Locksmith locksmith) {
    if (kept == null) {
      return put.follows() == 0 ? Putting.SAVE : Putting.MOVED;
    }
    if (kept.blob().equals(put.blob().bytes()) && locksmith.made(kept.lock(), put)) {
      return Putting.KNOWN;
    }
    return put.follows() == kept.bundleSeq() && put.blob().bundleSeq() > kept.bundleSeq()
        ? Putting.SAVE
        : Putting.MOVED;
  }

  /// Guesses count for as long as the same password may be behind it, that is, as the backup's id stays.
  static Tries saved(@Nullable Kept before, BackupPut put, Tries tries) {
    return before != null && before.backupId().equals(put.blob().backupId()) ? tries : tries.renewed();
  }

  /// Only passwords can be guessed, so only they are counted: whoever has the recovery code gets in, however many
  /// wrong passwords somebody else has shown.
  static Knocking knock(Tries tries, @Nullable Lock lock, Knock knock, Locksmith locksmith, long nowMs) {
    return switch (knock.proof()) {
      case Proof.Password _ -> switch (tries.turn(nowMs)) {
        case Tries.Turn.Free _ -> compared(tries, locksmith.fit(lock, knock), tries.wrong(nowMs));
        case Tries.Turn.Wait(long ms) -> new Knocking.Held(new Opened.TooFast(ms));
        case Tries.Turn.Locked _ -> new Knocking.Held(new Opened.Locked());
      };
      case Proof.Recovery _ -> compared(tries, locksmith.fit(lock, knock), tries);
    };
  }

  /// What was deleted by an earlier try is gone as asked.
  static Stored delete(@Nullable Long bundleSeq, long asked) {
    return bundleSeq == null || bundleSeq == asked ? Stored.DONE : Stored.MOVED;
  }

  private static Knocking compared(Tries before, Fit fit, Tries wrong) {
    return new Knocking.Compared(switch (fit) {
      case Fit.Fits _ -> before.right();
      case Fit.Misfit _ -> wrong;
      case Fit.Unpeppered _ -> before;
    }, fit);
  }
}
