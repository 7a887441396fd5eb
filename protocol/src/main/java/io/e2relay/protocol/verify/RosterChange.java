// SPDX-License-Identifier: Apache-2.0
package io.e2relay.protocol.verify;

import io.e2relay.protocol.record.AddPolicy;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.RosterEntry;
import io.e2relay.protocol.record.RosterRole;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What changes from one roster to the next: to reduce access is open to every active member, to extend it is not.
final class RosterChange {
  private final EpochStatement before;
  private final EpochStatement next;
  private final AddPolicy add;
  private final List<Turned> turned = new ArrayList<>();

  /// An entry that is not in the roster before as it is now.
  ///
  /// @param was what was there of the same user; null if nothing
  private record Turned(@Nullable RosterEntry was, RosterEntry entry) {
  }

  RosterChange(EpochStatement previous, EpochStatement next, AddPolicy add) {
    this.before = previous;
    this.next = next;
    this.add = add;
    // Both are in the order of the uids.
    int at = 0;
    for (RosterEntry entry : next.roster()) {
      while (at < previous.roster().size() && previous.roster().get(at).isBefore(entry)) {
        at++;
      }
      RosterEntry was = at < previous.roster().size() ? previous.roster().get(at) : null;
      if (was == null || !was.uid().equals(entry.uid())) {
        turned.add(new Turned(null, entry));
      } else if (!was.equals(entry)) {
        turned.add(new Turned(was, entry));
      }
    }
  }

  /// Nobody's key is one of an older record than before.
  boolean keepsUp() {
    return turned.stream()
        .allMatch(one -> one.was() == null || one.entry().account().accountSeq() >= one.was().account().accountSeq());
  }

  /// The rotator may make it. Leaving out, lowering and activating are open to all who may sign at all.
  boolean isAllowed() {
    boolean admin = before.entry(next.rotator().uid()).filter(signer -> signer.role() == RosterRole.ADMIN).isPresent();
    return admin || turned.stream().allMatch(this::openToMembers);
  }

  private boolean openToMembers(Turned one) {
    if (one.was() != null) {
      return one.entry().role() == RosterRole.MEMBER || one.was().role() == RosterRole.ADMIN;
    }
    return one.entry().role() == RosterRole.MEMBER && switch (add) {
      case ANY_MEMBER, HOST -> true;
      case ADMINS -> false;
    };
  }
}
