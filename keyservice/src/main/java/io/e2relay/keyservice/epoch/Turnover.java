// SPDX-License-Identifier: Apache-2.0
package io.e2relay.keyservice.epoch;

import io.e2relay.keyservice.membership.Member;
import io.e2relay.keyservice.membership.Roster;
import io.e2relay.protocol.id.Uid;
import io.e2relay.protocol.record.EpochStatement;
import io.e2relay.protocol.record.RosterEntry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a record makes of the members: found in one walk over both, which are in the same order, so that the rules look
/// at what changes and not at a thousand who stay what they are.
///
/// @param turned entries of those who were no members, or others than now
/// @param missing members of whom the record says nothing
/// @param after the members in the epoch that the record opens
record Turnover(List<Turned> turned, List<Uid> missing, Roster after) {
  /// @param was null who was no member
  record Turned(@Nullable Member was, RosterEntry entry) {
  }

  static Turnover of(Roster now, EpochStatement next) {
    List<Turned> turned = new ArrayList<>();
    List<Uid> missing = new ArrayList<>();
    List<Member> after = new ArrayList<>(next.roster().size());
    List<Member> members = now.members();
    int at = 0;
    for (RosterEntry entry : next.roster()) {
      while (at < members.size() && Roster.ORDER.compare(members.get(at).uid(), entry.uid()) < 0) {
        missing.add(members.get(at).uid());
        at++;
      }
      Member was = null;
      if (at < members.size() && members.get(at).uid().equals(entry.uid())) {
        was = members.get(at);
        at++;
      }
      if (was != null && Rosters.isSame(was, entry)) {
        after.add(was);
      } else {
        turned.add(new Turned(was, entry));
        after.add(Rosters.member(entry));
      }
    }
    members.subList(at, members.size()).forEach(member -> missing.add(member.uid()));
    return new Turnover(List.copyOf(turned), List.copyOf(missing), new Roster(after));
  }
}
