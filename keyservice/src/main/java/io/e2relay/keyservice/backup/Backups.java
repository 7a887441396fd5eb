// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.backup;

import io.e2relay.keyservice.database.Unavailable;

/// The backups: at most one for each user.
///
/// Every method waits for its answer and throws [Unavailable] when there is none in time.
public interface Backups {
  Stored put(BackupPut put);

  /// For users without a backup too.
  Terms terms(Owner owner);

  /// When it answers, the try is counted, durably and for all nodes.
  Opened open(Knock knock, long nowMs);

  boolean exists(Owner owner);

  Stored delete(Owner owner, long bundleSeq);
}
