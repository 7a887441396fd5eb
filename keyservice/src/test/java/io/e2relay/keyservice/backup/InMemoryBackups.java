// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import com.google.protobuf.ByteString;
import io.e2relay.protocol.id.Uid;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Backups without a database, for one thread at a time.
public final class InMemoryBackups implements Backups {
  /// What outlives a restart.
  public static final class Kept {
    private final Map<Uid, BackupRules.Kept> backups = new HashMap<>();
    private final Map<Uid, BackupPut> puts = new HashMap<>();
    private final Map<Uid, Tries> tries = new HashMap<>();
  }

  private final Kept kept;
  private final Locksmith locksmith;

  public InMemoryBackups(Kept kept, Peppers peppers) {
    this.kept = kept;
    this.locksmith = new Locksmith(peppers);
  }

  @Override
  public Stored put(BackupPut put) {
    Uid uid = put.owner().uid();
    BackupRules.@Nullable Kept before = kept.backups.get(uid);
    return switch (BackupRules.put(before, put, locksmith)) {
      case MOVED -> Stored.MOVED;
      case KNOWN -> Stored.DONE;
      case SAVE -> {
        kept.tries.put(uid, BackupRules.saved(before, put, tries(uid)));
        kept.puts.put(uid, put);
        kept.backups.put(uid, new BackupRules.Kept(put.blob().bundleSeq(), put.blob().backupId(), locksmith.lock(put),
            put.blob().bytes()));
        yield Stored.DONE;
      }
    };
  }

  @Override
  public Terms terms(Owner owner) {
    BackupPut put = kept.puts.get(owner.uid());
    return put == null ? locksmith.decoy(owner) : new Terms(put.blob().kdf(), put.blob().backupId());
  }

  @Override
  public Opened open(Knock knock, long nowMs) {
    Uid uid = knock.owner().uid();
    BackupRules.@Nullable Kept mine = kept.backups.get(uid);
    return switch (BackupRules.knock(tries(uid), mine == null ? null : mine.lock(), knock, locksmith, nowMs)) {
      case BackupRules.Knocking.Held(Opened answer) -> answer;
      case BackupRules.Knocking.Compared(Tries after, Fit fit) -> {
        kept.tries.put(uid, after);
        yield switch (fit) {
          case Fit.Fits(ByteString share) when mine != null -> new Opened.Open(mine.blob(), share);
          case Fit.Fits _ -> throw new IllegalStateException("nothing fits what is not there");
          case Fit.Misfit _ -> new Opened.Refused();
          case Fit.Unpeppered(int version) -> new Opened.Unpeppered(version);
        };
      }
    };
  }

  @Override
  public boolean exists(Owner owner) {
    return kept.backups.containsKey(owner.uid());
  }

  @Override
  public Stored delete(Owner owner, long bundleSeq) {
    BackupRules.@Nullable Kept mine = kept.backups.get(owner.uid());
    Stored stored = BackupRules.delete(mine == null ? null : mine.bundleSeq(), bundleSeq);
    if (stored == Stored.DONE) {
      kept.backups.remove(owner.uid());
      kept.puts.remove(owner.uid());
    }
    return stored;
  }

  private Tries tries(Uid uid) {
    return kept.tries.getOrDefault(uid, Tries.NONE);
  }
}
