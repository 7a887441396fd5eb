// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import java.util.HashMap;
import java.util.Map;

/// What changes from one roster to the next: to reduce access is open to every active member, to extend it is not.
final class RosterChange {
  private final Map<Uid, RosterEntry> before = new HashMap<>();
  private final EpochStatement next;
  private final AddPolicy add;

  RosterChange(EpochStatement previous, EpochStatement next, AddPolicy add) {
    previous.roster().forEach(entry -> before.put(entry.uid(), entry));
    this.next = next;
    this.add = add;
  }

  /// Nobody's key is one of an older record than before.
  boolean keepsUp() {
    return next.roster().stream().allMatch(entry -> {
      RosterEntry was = before.get(entry.uid());
      return was == null || entry.account().accountSeq() >= was.account().accountSeq();
    });
  }

  /// The rotator may make it. Leaving out, lowering and activating are open to all who may sign at all.
  boolean isAllowed() {
    RosterEntry signer = before.get(next.rotator().uid());
    boolean admin = signer != null && signer.role() == RosterRole.ADMIN;
    return admin || next.roster().stream().allMatch(this::openToMembers);
  }

  private boolean openToMembers(RosterEntry entry) {
    RosterEntry was = before.get(entry.uid());
    if (was != null) {
      return entry.role() == RosterRole.MEMBER || was.role() == RosterRole.ADMIN;
    }
    return entry.role() == RosterRole.MEMBER && switch (add) {
      case ANY_MEMBER, HOST -> true;
      case ADMINS -> false;
    };
  }
}
