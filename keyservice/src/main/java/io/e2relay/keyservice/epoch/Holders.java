// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AccountKey;
import io.e2relay.protocol.record.AccountRecord;
import io.e2relay.protocol.record.Point;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.verify.Accounts;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Those whom a record names, as their accounts are now.
///
/// @param newest what a roster has to name of them; nothing of who has no account
/// @param barred who may come into no roster of this conversation, because they belong to another tenant
/// @param settled entries, the very objects, that are known to name the newest; of them the map need say nothing
/// @param records as many as it takes to check who signed, and who was reset
record Holders(Map<Uid, AccountKey> newest, Set<Uid> barred, Set<RosterEntry> settled, Accounts records) {
  Holders {
    newest = Map.copyOf(newest);
    barred = Set.copyOf(barred);
  }

  Holders(Map<Uid, AccountKey> newest, Set<Uid> barred, Accounts records) {
    this(newest, barred, Set.of(), records);
  }

  /// Whether the account has another root now than the one that this entry names.
  boolean wasReset(RosterEntry then) {
    Optional<Point> before = records.record(then.uid(), then.account().accountSeq()).map(Holders::root);
    Optional<Point> now = records.newest(then.uid()).map(Holders::root);
    return before.isPresent() && now.isPresent() && !before.equals(now);
  }

  private static Point root(AccountRecord record) {
    return record.statement().ark();
  }
}
